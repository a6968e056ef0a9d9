"""What is emitted is confirmed once it is exported, and not before."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from runtime.confirmation import UnconfirmedFacts
from runtime.errors import ServerUnavailableError
from runtime.facts import Occurrence
from runtime.testing import Recorder
from tests.runtime.telemetry import samples
from tests.waiting import until


class Exporting(Recorder):
    """An observer whose flush the test decides.

    Attributes:
        answer: what a flush says.
        during: done within each flush.
    """

    answer = True

    def __init__(self) -> None:
        super().__init__()
        self.during: list[Any] = []

    def flush(self, timeout: float) -> bool:
        while self.during:
            self.during.pop(0)()
        return self.answer


class Desk:
    """Facts of one kind, and what was confirmed of them.

    Attributes:
        away: the server does not answer.
    """

    def __init__(self) -> None:
        self.observer = Exporting()
        self.confirmed: list[int] = []
        self.away = False
        self.unconfirmed: UnconfirmedFacts[int] = UnconfirmedFacts(self.observer, self._confirm)

    async def _confirm(self, items: Sequence[int]) -> None:
        if self.away:
            raise ServerUnavailableError("away")
        self.confirmed += items

    def emit(self, *items: int) -> None:
        for item in items:
            self.unconfirmed.emit(fact(item), item)


def fact(number: int) -> Occurrence:
    return samples.run_started(subject=str(number))


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_what_is_exported_is_confirmed_once(desk: Desk):
    """Then there is nothing to confirm."""
    desk.emit(1, 2)
    assert (1 in desk.unconfirmed, 3 in desk.unconfirmed) == (True, False)
    assert [await desk.unconfirmed.confirm() for _ in range(2)] == [2, 0]
    assert (desk.confirmed, desk.observer.facts) == ([1, 2], (fact(1), fact(2)))
    assert 1 not in desk.unconfirmed


async def test_what_is_only_to_be_confirmed_emits_nothing(desk: Desk):
    """As where a record is gone that nobody can tell of any more."""
    desk.unconfirmed.emit(None, 1)
    assert (await desk.unconfirmed.confirm(), desk.confirmed, desk.observer.facts) == (1, [1], ())


async def test_what_waits_in_the_observer_is_asked_for_again(desk: Desk):
    """It is neither confirmed nor emitted again meanwhile: it may still be sent."""
    desk.emit(1)
    desk.observer.answer = False
    assert [await desk.unconfirmed.confirm() for _ in range(3)] == [0, 0, 0]
    assert 1 in desk.unconfirmed
    desk.emit(2)
    desk.observer.answer = True
    assert (await desk.unconfirmed.confirm(), desk.confirmed) == (2, [1, 2])


async def test_what_a_server_did_not_take_is_asked_for_again(desk: Desk):
    """Nothing was written down."""
    desk.emit(1)
    desk.away = True
    with pytest.raises(ServerUnavailableError):
        await desk.unconfirmed.confirm()
    desk.away = False
    assert (await desk.unconfirmed.confirm(), desk.confirmed) == (1, [1])


async def test_where_spans_were_lost_nothing_is_confirmed(desk: Desk):
    """Nobody knows whose they were; whoever adopts emits all again."""
    desk.emit(1)
    desk.observer.losses += 1
    desk.emit(2)
    assert (await desk.unconfirmed.confirm(), desk.confirmed) == (0, [])
    assert (1 in desk.unconfirmed, 2 in desk.unconfirmed) == (False, False)


async def test_a_loss_before_it_was_emitted_says_nothing_against_it(desk: Desk):
    """Losses are counted from then on."""
    desk.observer.losses = 7
    desk.emit(1)
    assert await desk.unconfirmed.confirm() == 1


async def test_what_is_emitted_during_a_flush_hides_no_loss_within_it(desk: Desk):
    """Its own count begins later; that of the others must not."""
    inside, go_on = threading.Event(), threading.Event()

    def lose() -> None:
        inside.set()
        go_on.wait(20)

    def lost() -> None:
        desk.observer.losses += 1

    desk.observer.during = [lost, lose]
    desk.emit(1)

    confirming = asyncio.create_task(desk.unconfirmed.confirm())
    await until(inside.is_set)
    desk.emit(2)
    go_on.set()
    assert (await confirming, desk.confirmed) == (0, [])


async def test_what_is_emitted_during_a_flush_is_confirmed_by_the_next(desk: Desk):
    """It may not have been part of it."""
    desk.observer.during = [lambda: desk.emit(2)]
    desk.emit(1)
    assert [await desk.unconfirmed.confirm() for _ in range(3)] == [1, 1, 0]
    assert desk.confirmed == [1, 2]
