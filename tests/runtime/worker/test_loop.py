"""A worker's loops go on until it is told to stop, whatever happens in them."""

import asyncio
import logging

import pytest

from runtime.errors import CommandRefusedError, ServerUnavailableError
from runtime.worker.loop import StopEvent, repeat_until_stopped, sleep_unless_stopped
from tests.waiting import a_turn


async def test_a_loop_goes_on_whatever_its_work_raises(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """A worker whose loop has ended would look alive and do nothing."""
    monkeypatch.setattr("runtime.worker.loop.REST_AFTER_ERROR", 0.01)
    errors = [ServerUnavailableError("away"), KeyError("odd"), CommandRefusedError("NOPERM")]
    stopping, turns = StopEvent(), []

    async def work() -> None:
        turns.append(1)
        if not errors:
            stopping.set()
            return
        raise errors.pop(0)

    with caplog.at_level(logging.WARNING, "causeline.worker"):
        await asyncio.wait_for(repeat_until_stopped(stopping, work, "group sms"), 10)
    assert len(turns) == 4
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "group sms: next try in 0 s: away",
        "group sms: failed in a way that nobody thought of, next try in 0 s",
        "group sms: next try in 0 s: NOPERM",
    ]


async def test_what_all_loops_meet_is_told_once_and_again_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """A server that is gone is no line of each loop each second; another trouble is one more."""
    monkeypatch.setattr("runtime.worker.loop.REST_AFTER_ERROR", 0.0)
    stopping, turns = StopEvent(), []

    async def work() -> None:
        turns.append(1)
        if len(turns) > 20:
            stopping.set()
        raise ServerUnavailableError("away" if len(turns) < 10 else "full")

    with caplog.at_level(logging.WARNING, "causeline.worker"):
        await asyncio.gather(
            *(repeat_until_stopped(stopping, work, what) for what in ("steps", "recovery", "group sms"))
        )
    said = [record.getMessage() for record in caplog.records]
    assert [line.rpartition(": ")[2] for line in said] == ["away", "full"]
    assert not stopping.warnings.should_warn("away")
    monkeypatch.setattr("runtime.worker.loop.TOLD_FOR", 0.0)
    assert stopping.warnings.should_warn("away")


async def test_a_rest_ends_with_the_order_to_stop():
    """However long it is."""
    stopping = asyncio.Event()
    resting = asyncio.create_task(sleep_unless_stopped(stopping, 60))
    await a_turn()
    stopping.set()
    await asyncio.wait_for(resting, 10)


async def test_a_rest_takes_its_time_and_no_more():
    """Then it is over."""
    await asyncio.wait_for(sleep_unless_stopped(asyncio.Event(), 0.01), 10)
