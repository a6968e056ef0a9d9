"""How much one worker does at once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest

from runtime.definitions.context import Rest
from runtime.worker.slots import Slots
from tests.waiting import a_turn

Work = Callable[[Rest], Coroutine[Any, Any, None]]


def waiting(event: asyncio.Event) -> Work:
    """Work that ends when it is told."""

    async def work(_: Rest) -> None:
        await event.wait()

    return work


def resting(*events: asyncio.Event) -> Work:
    """Work that gives its slot to others while it waits, for all at once."""

    async def wait(rest: Rest, event: asyncio.Event) -> None:
        with rest():
            await event.wait()

    async def work(rest: Rest) -> None:
        await asyncio.gather(*(wait(rest, event) for event in events))

    return work


async def turn() -> None:
    """Lets everybody go as far as they get."""
    for _ in range(10):
        await a_turn()


async def within(answer: Awaitable[bool]) -> bool:
    return await asyncio.wait_for(answer, 10)


async def test_slots_are_bounded_and_freed():
    """Free ones are counted; waiting ends as soon as one is free."""
    slots, end = Slots(2, "a step"), asyncio.Event()
    assert (slots.free, slots.is_busy) == (2, False)
    slots.begin(waiting(end))
    slots.begin(waiting(end))
    assert (slots.free, slots.is_busy) == (0, True)
    assert not await slots.wait_free(0.01)
    freed = asyncio.create_task(slots.wait_free(60))
    await turn()
    end.set()
    assert await within(freed)
    await turn()
    assert (slots.free, slots.begun, slots.ended, slots.is_busy) == (2, 2, 2, False)


async def test_a_free_slot_is_not_waited_for():
    """At once."""
    assert await within(Slots(1, "a step").wait_free(60))


async def test_more_than_fits_makes_no_free_slots_below_none():
    """A read may bring one more than asked for; nobody then asks for less than nothing, and an end that frees no slot
    is not taken for one."""
    slots, end = Slots(1, "a step"), asyncio.Event()
    slots.begin(waiting(asyncio.Event()))
    slots.begin(waiting(end))
    assert slots.free == 0
    freed = asyncio.create_task(slots.wait_free(0.05))
    await turn()
    end.set()
    assert not await freed
    await slots.drain(0)


async def test_work_that_waits_for_other_work_gives_its_slot_back():
    """Whoever waits for a free one has it at once; afterwards it takes it again, also where none is free."""
    slots, first, second = Slots(1, "a step"), asyncio.Event(), asyncio.Event()
    slots.begin(resting(first))
    freed = asyncio.create_task(slots.wait_free(60))
    assert await within(freed)
    assert (slots.free, slots.is_busy) == (1, True)
    slots.begin(resting(second))
    await turn()
    assert slots.free == 1
    other = slots.begin(waiting(asyncio.Event()))
    await turn()
    assert slots.free == 0
    first.set()
    second.set()
    await turn()
    assert slots.free == 0
    other.cancel()
    await turn()
    assert (slots.free, slots.ended) == (1, 3)


async def test_several_waits_of_one_piece_of_work_give_back_one_slot():
    """As in a gather; it is taken again when the last one ends."""
    slots, first, second = Slots(2, "a step"), asyncio.Event(), asyncio.Event()

    async def work(rest: Rest) -> None:
        await resting(first, second)(rest)
        await asyncio.Event().wait()

    slots.begin(work)
    await turn()
    assert slots.free == 2
    first.set()
    await turn()
    assert slots.free == 2
    second.set()
    await turn()
    assert slots.free == 1
    await slots.drain(0)


async def test_a_wait_that_outlives_its_work_gives_back_nothing():
    """The work has ended, and its slot is free already: it must not count twice."""
    slots, end, left = Slots(2, "a step"), asyncio.Event(), list[asyncio.Task[None]]()

    async def work(rest: Rest) -> None:
        left.append(asyncio.create_task(resting(end)(rest)))
        await a_turn()

    task = slots.begin(work)
    await turn()
    assert task.done()
    assert slots.free == 2
    end.set()
    await left[0]
    assert slots.free == 2


async def test_work_that_is_cancelled_while_it_waits_leaves_its_slot_free():
    """Neither taken nor given back twice."""
    slots = Slots(1, "a step")
    task = slots.begin(resting(asyncio.Event(), asyncio.Event()))
    await turn()
    task.cancel()
    await turn()
    assert (slots.free, slots.is_busy) == (1, False)


async def test_whoever_takes_work_is_busy_until_it_has_begun():
    """And what began can be told from what went on."""
    slots, end = Slots(1, "a step"), asyncio.Event()
    with slots.taking():
        assert (slots.free, slots.is_busy, slots.begun) == (1, True, 0)
        slots.begin(waiting(end))
    assert (slots.is_busy, slots.begun) == (True, 1)
    end.set()
    await slots.drain(60)
    await turn()
    assert (slots.is_busy, slots.begun) == (False, 1)


async def test_what_has_been_under_way_the_longest_is_known():
    """By its name, the oldest first."""
    slots, end = Slots(3, "a step"), asyncio.Event()
    for name in ("one", "two", "three"):
        slots.begin(waiting(end), name)
    assert [name for name, _ in slots.oldest_tasks(2)] == ["one", "two"]
    assert all(seconds >= 0 for _, seconds in slots.oldest_tasks(3))
    end.set()
    await slots.drain(60)


async def test_draining_waits_for_what_is_under_way():
    """Nothing is cancelled that ends in time."""
    slots, end = Slots(2, "a step"), asyncio.Event()
    slots.begin(waiting(end))
    slots.begin(waiting(end))
    draining = asyncio.create_task(slots.drain(60))
    await turn()
    end.set()
    assert (await draining, await slots.drain(60)) == (0, 0)


async def test_what_outlives_its_grace_is_cancelled():
    """And counted."""
    slots, cancelled = Slots(2, "a step"), []

    async def work(_: Rest) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(1)
            raise

    slots.begin(work)
    await turn()
    assert await slots.drain(0.01) == 1
    assert cancelled == [1]


async def test_what_does_not_end_although_it_is_cancelled_is_left_behind(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """By name; it would hold up the end of the worker for ever."""
    monkeypatch.setattr("runtime.worker.slots.LAST_GRACE", 0.01)
    slots, end = Slots(2, "a delivery to sms"), asyncio.Event()

    async def deaf(_: Rest) -> None:
        while not end.is_set():
            with suppress(asyncio.CancelledError):
                await end.wait()

    task = slots.begin(deaf, "shipment.delivered 7")
    slots.begin(waiting(asyncio.Event()), "shipment.delivered 8")
    await turn()
    with caplog.at_level(logging.ERROR, "causeline.worker"):
        assert await slots.drain(0) == 2
    [record] = caplog.records
    assert record.getMessage() == (
        "a delivery to sms (shipment.delivered 7) does not end although it was cancelled; it is left behind"
    )
    end.set()
    await task


async def test_what_raises_is_logged_and_frees_its_slot(caplog: pytest.LogCaptureFixture):
    """The worker goes on."""

    async def work(_: Rest) -> None:
        raise OSError("the line is down")

    slots = Slots(1, "a step attempt")
    with caplog.at_level(logging.ERROR, "causeline.worker"):
        slots.begin(work)
        await slots.drain(60)
        await turn()
    assert slots.free == 1
    assert [record.getMessage() for record in caplog.records] == [
        "a step attempt was interrupted and will be tried again: the line is down"
    ]


async def test_what_is_waited_for_at_the_end_is_told_by_name(caplog: pytest.LogCaptureFixture):
    """Somebody may be sitting there; who is in a hurry is not waited for, and reads nothing."""
    slots, end = Slots(2, "a step attempt"), asyncio.Event()
    for name in ("ship", "bill"):
        slots.begin(lambda _: asyncio.wait_for(end.wait(), 60), name)
    with caplog.at_level(logging.INFO):
        draining = asyncio.create_task(slots.drain(30))
        await a_turn()
        end.set()
        await draining
        slots.begin(lambda _: asyncio.Event().wait(), "late")
        await slots.drain(0)

    assert [record.getMessage() for record in caplog.records] == [
        "a step attempt is waited for, 30 s at most: bill, ship"
    ]
