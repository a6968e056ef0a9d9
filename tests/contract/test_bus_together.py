"""What a consumer begins and acknowledges in one turn of the event loop shares a script, and nothing else."""

import asyncio

import pytest

from runtime.errors import CommandRefusedError
from runtime.semconv import DeadLetterReason
from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, attempt, event
from tests.contract.settlements import begin, done, held

MANY = 150
"""More than one script takes."""


async def test_each_is_told_its_own_answer(backend: BusBackend):
    """Well, stale, done before, dead before, waiting for a cell, poison: whatever the others are told."""
    await backend.subscribe("sms")
    for number in range(1, 7):
        await backend.bus.publish(event(number))
    well, lost, copied, dead, suspect, poison = await backend.take("sms")
    await backend.client.set(backend.keys.done_mark("sms", copied.event_id), "w0|s0-1")
    await backend.bus.bury(dead, "w1", attempt(dead), DeadLetterReason.MAX_ATTEMPTS, 1)
    for one, loss in ((suspect, "suspect"), (poison, "deaths")):
        await backend.client.hset(backend.keys.delivery("sms", one.id), loss, "3" if loss == "deaths" else "1")
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost")
    await backend.bus.promote(CHANNEL, "sms")
    found = {one.event_id: one for one in await backend.take("sms", "w2")}
    asked = [found.get(one.event_id, one) for one in (well, copied, suspect, poison)]
    answers = await asyncio.gather(*(backend.begin(one, "w2") for one in (*asked, lost, dead)))
    assert [one.status for one in answers] == ["ok", "duplicate", "suspect", "poison", "stale", "stale"]


async def test_what_others_hold_is_left_to_them(backend: BusBackend):
    """However near it lies to one's own."""
    await backend.subscribe("sms")
    deliveries = []
    for number in range(1, 5):
        await backend.bus.publish(event(number))
        deliveries.append(await backend.one("sms", f"w{1 + number % 2}"))
    begun = await asyncio.gather(*(backend.begin(one, "w1") for one in reversed(deliveries)))
    assert [one.status for one in begun] == ["ok", "stale", "ok", "stale"]
    ended = await asyncio.gather(*(done(backend, one, "w1") for one in deliveries))
    assert ended == [False, True, False, True]
    assert await backend.counts("sms") == {"owed": 4, "done": 2, "pending": 2}
    assert await asyncio.gather(*(done(backend, one, "w2") for one in deliveries)) == [True, False, True, False]


async def test_many_move_the_ledger_once_each(backend: BusBackend):
    """More than one script takes; whatever else the consumer holds between them."""
    await backend.subscribe("sms")
    for number in range(1, MANY + 1):
        await backend.bus.publish(event(number))
    deliveries = await backend.take("sms", limit=MANY)
    odd, even = deliveries[::2], deliveries[1::2]
    begun = await asyncio.gather(*(backend.begin(one) for one in odd))
    assert [(one.status, one.attempt) for one in begun] == [("ok", 1)] * len(odd)
    assert all(await asyncio.gather(*(done(backend, one, "w1") for one in odd)))
    assert await backend.counts("sms") == {"owed": MANY, "done": len(odd), "pending": len(even)}
    assert all(await asyncio.gather(*(done(backend, one, "w1") for one in even + odd)))
    assert await backend.counts("sms") == {"owed": MANY, "done": MANY}
    assert await backend.client.xpending(backend.keys.stream, "sms") == {
        "pending": 0,
        "min": None,
        "max": None,
        "consumers": [],
    }


async def test_one_that_is_settled_twice_in_a_turn_is_done_once(backend: BusBackend):
    """Both are told so."""
    delivery = await held(backend)
    assert await asyncio.gather(begin(backend, delivery, "w1"), begin(backend, delivery, "w1")) == [True, True]
    assert (await backend.begin(delivery)).attempt == 1
    assert await asyncio.gather(done(backend, delivery, "w1"), done(backend, delivery, "w1")) == [True, True]
    assert await backend.counts("sms") == {"owed": 1, "done": 1}


async def test_one_that_the_server_refuses_holds_up_no_other(backend: BusBackend):
    """Its record is none that scripts can read."""
    await backend.subscribe("sms")
    for number in range(1, 4):
        await backend.bus.publish(event(number))
    deliveries = await backend.take("sms")
    await backend.client.set(backend.keys.delivery("sms", deliveries[1].id), "no hash")
    found = await asyncio.gather(*(backend.begin(one) for one in deliveries), return_exceptions=True)
    assert isinstance(found[1], CommandRefusedError)
    assert [getattr(found[at], "status", found[at]) for at in (0, 2)] == ["ok", "ok"]
    with pytest.raises(CommandRefusedError):
        await backend.begin(deliveries[1])
