"""Tests that thousands who wait in one process ask the server once whether anybody works."""

import asyncio

import pytest

from runtime.client.attendance import Attendance
from tests.waiting import until


class Presences:
    """Counts how often it is asked, and answers once it may."""

    def __init__(self, live: int) -> None:
        self.live_now = live
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def count_live_workers(self, live_ms: int) -> int:
        assert live_ms == 500
        self.asked += 1
        await self.may_answer.wait()
        return self.live_now


def attendance(presences: Presences) -> Attendance:
    return Attendance(presences, 500)  # type: ignore[arg-type] # all that it asks for


async def test_all_who_ask_at_once_share_one_question():
    """And get the same answer."""
    presences = Presences(1)
    asked = attendance(presences)
    assert await asyncio.gather(*(asked.has_live_worker() for _ in range(1000))) == [True] * 1000
    assert presences.asked == 1


async def test_an_answer_holds_for_a_while_alone(monkeypatch: pytest.MonkeyPatch):
    """A worker that has died since is missed."""
    presences = Presences(1)
    asked = attendance(presences)
    assert await asked.has_live_worker()
    presences.live_now = 0
    assert await asked.has_live_worker()
    monkeypatch.setattr("runtime.client.attendance._HOLDS", 0.0)
    asked = attendance(presences)
    assert not await asked.has_live_worker()


async def test_whoever_is_cancelled_takes_the_question_away_from_nobody():
    """The others have their answer."""
    presences = Presences(1)
    presences.may_answer.clear()
    asked = attendance(presences)
    first, second = (asyncio.create_task(asked.has_live_worker()) for _ in range(2))
    await until(lambda: presences.asked)
    first.cancel()
    presences.may_answer.set()
    assert await second
    assert presences.asked == 1
