"""How much one worker does at once."""

import asyncio
import logging
from contextlib import suppress

import pytest

from runtime.worker.slots import Slots


async def test_slots_are_bounded_and_freed():
    """Free ones are counted; waiting ends as soon as one is free."""
    slots, end = Slots(2, "a step"), asyncio.Event()

    async def work() -> None:
        await end.wait()

    assert (slots.free, slots.busy) == (2, False)
    slots.begin(work())
    slots.begin(work())
    assert (slots.free, slots.busy) == (0, True)
    assert not await slots.wait_free(0.01)
    waiting = asyncio.create_task(slots.wait_free(60))
    await asyncio.sleep(0)
    end.set()
    async with asyncio.timeout(10):
        assert await waiting


async def test_a_free_slot_is_not_waited_for():
    """At once."""
    assert await Slots(1, "a step").wait_free(60)


async def test_more_than_fits_makes_no_free_slots_below_none():
    """A read may bring one more than asked for; nobody then asks for less than nothing."""
    slots = Slots(1, "a step")
    for _ in range(2):
        slots.begin(asyncio.sleep(60))
    assert slots.free == 0
    assert not await slots.wait_free(0.01)
    await slots.drain(0)


async def test_an_end_that_frees_no_slot_is_not_taken_for_one():
    """Where there were more than fit."""
    slots, end = Slots(1, "a step"), asyncio.Event()
    slots.begin(asyncio.sleep(60))
    slots.begin(asyncio.wait_for(end.wait(), 60))
    waiting = asyncio.create_task(slots.wait_free(0.05))
    await asyncio.sleep(0)
    end.set()
    assert not await waiting
    await slots.drain(0)


async def test_what_runs_alone_takes_no_slot():
    """It waits until nothing else runs: where slots are full it would never begin, and in a slot it would stand in
    the way. It is waited for, and cancelled, like the others."""
    slots, end = Slots(1, "a step"), asyncio.Event()
    alone = slots.begin(asyncio.wait_for(end.wait(), 60), alone=True)
    assert (slots.free, slots.busy) == (1, True)
    slots.begin(asyncio.sleep(60))
    assert await slots.drain(0) == 2
    assert alone.cancelled()
    await asyncio.sleep(0)
    assert (slots.free, slots.busy) == (1, False)


async def test_whoever_takes_work_is_busy_until_it_has_begun():
    """And what began can be told from what went on."""
    slots = Slots(1, "a step")
    with slots.taking():
        assert (slots.free, slots.busy, slots.begun) == (1, True, 0)
        slots.begin(asyncio.sleep(0))
        slots.begin(asyncio.sleep(0), alone=True)
    assert (slots.busy, slots.begun) == (True, 2)
    await slots.drain(60)
    await asyncio.sleep(0)
    assert (slots.busy, slots.begun) == (False, 2)


async def test_draining_waits_for_what_is_under_way():
    """Nothing is cancelled that ends in time."""
    slots, done = Slots(2, "a step"), []

    async def work() -> None:
        await asyncio.sleep(0.01)
        done.append(1)

    slots.begin(work())
    slots.begin(work())
    assert await slots.drain(60) == 0
    assert (done, slots.busy) == ([1, 1], False)
    assert await slots.drain(60) == 0


async def test_what_outlives_its_grace_is_cancelled():
    """And counted."""
    slots, cancelled = Slots(2, "a step"), []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(1)
            raise

    slots.begin(work())
    await asyncio.sleep(0)
    assert await slots.drain(0.01) == 1
    assert cancelled == [1]


async def test_what_swallows_its_cancellation_is_left_behind(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """By name; it would hold up the end of the worker for ever."""
    monkeypatch.setattr("runtime.worker.slots.LAST_GRACE", 0.01)
    slots, end = Slots(2, "a delivery to sms"), asyncio.Event()

    async def work() -> None:
        while not end.is_set():
            with suppress(asyncio.CancelledError):
                await end.wait()

    task = slots.begin(work(), "shipment.delivered 7")
    slots.begin(asyncio.sleep(60), "shipment.delivered 8")
    await asyncio.sleep(0)
    with caplog.at_level(logging.ERROR, "causeline.worker"):
        assert await slots.drain(0) == 2
    [record] = caplog.records
    assert record.getMessage() == (
        "a delivery to sms (shipment.delivered 7) goes on although it was cancelled; it is left behind, and will be "
        "tried again when its lease is over"
    )
    end.set()
    await task


async def test_what_raises_is_logged_and_frees_its_slot(caplog: pytest.LogCaptureFixture):
    """The worker goes on."""

    async def work() -> None:
        raise OSError("the line is down")

    slots = Slots(1, "a step attempt")
    with caplog.at_level(logging.ERROR, "causeline.worker"):
        slots.begin(work())
        await slots.drain(60)
        await asyncio.sleep(0)
    assert slots.free == 1
    assert [record.getMessage() for record in caplog.records] == [
        "a step attempt was interrupted and will be tried again: the line is down"
    ]


async def test_what_is_waited_for_at_the_end_is_told_by_name(caplog: pytest.LogCaptureFixture):
    """Somebody may be sitting there; who is in a hurry is not waited for, and reads nothing."""
    slots, end = Slots(2, "a step attempt"), asyncio.Event()
    for name in ("ship", "bill"):
        slots.begin(asyncio.wait_for(end.wait(), 60), name)
    with caplog.at_level(logging.INFO):
        draining = asyncio.create_task(slots.drain(30))
        await asyncio.sleep(0)
        end.set()
        await draining
        slots.begin(asyncio.sleep(60), "late")
        await slots.drain(0)

    assert [record.getMessage() for record in caplog.records] == [
        "a step attempt is waited for, 30 s at most: bill, ship"
    ]
