"""What something else than the bus writes into a channel is delivered like any other event, and owed once it begins."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from runtime.bus.deliveries import Delivery
from runtime.semconv import DeadLetterReason
from tests.contract.backends import LEASE_MS, BusBackend
from tests.contract.made import CHANNEL, attempt, event


async def write(backend: BusBackend, number: int = 1, entry: str = "*") -> str:
    """The `number`-th event, written by another program."""
    added: bytes = await backend.client.xadd(backend.keys.stream, {"e": event(number).encode()}, id=entry)
    return added.decode()


async def found(backend: BusBackend) -> Delivery:
    """The delivery of a foreign entry."""
    await backend.subscribe("sms")
    await write(backend)
    return await backend.one("sms")


async def test_it_is_delivered_as_it_was_written(backend: BusBackend):
    """Under its own id; that it is foreign is said."""
    delivery = await found(backend)
    assert (delivery.envelope, delivery.event_id, delivery.foreign) == (event(1), event(1).id, True)


async def test_what_is_no_envelope_has_an_id_of_where_it_lies(backend: BusBackend):
    """The same for whoever finds it."""
    await backend.subscribe("sms")
    await backend.client.xadd(backend.keys.stream, {"whatever": b"\xff"})
    delivery = await backend.one("sms")
    assert (delivery.raw, delivery.envelope, delivery.foreign) == (b"", None, True)
    assert isinstance(delivery.event_id, UUID)
    assert await backend.bus.find_held(CHANNEL, "sms", "w1", (), 10) == [delivery]


async def begun(backend: BusBackend, delivery: Delivery) -> None:
    await backend.begin(delivery)
    await backend.begin(delivery)


async def done(backend: BusBackend, delivery: Delivery) -> None:
    await backend.begin(delivery)
    await backend.bus.ack(delivery, "w1", [], {})


async def tried_twice(backend: BusBackend, delivery: Delivery) -> None:
    await backend.begin(delivery)
    await backend.bus.retry(delivery, "w1", attempt(delivery), 0)
    await done(backend, await backend.again("sms"))


async def put_off(backend: BusBackend, delivery: Delivery) -> None:
    await backend.bus.postpone(delivery, "w1", 0)
    await done(backend, await backend.again("sms"))


async def buried(backend: BusBackend, delivery: Delivery) -> None:
    await backend.begin(delivery)
    await backend.bus.bury(delivery, "w1", None, DeadLetterReason.UNDECODABLE, 1)


async def lost_unbegun(backend: BusBackend, delivery: Delivery) -> None:
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost")
    await done(backend, await backend.again("sms"))


async def lost_begun(backend: BusBackend, delivery: Delivery) -> None:
    await backend.begin(delivery)
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "killed")
    await backend.bus.claim(delivery, "w1")
    await backend.begin(delivery, isolated=True)
    await backend.bus.ack(delivery, "w1", [], {})


async def expired(backend: BusBackend, delivery: Delivery) -> None:
    idle = 2 * LEASE_MS
    await backend.client.xclaim(backend.keys.stream, "sms", "w1", 0, [delivery.entry], idle=idle, justid=True)
    await backend.bus.expire(CHANNEL, "sms", LEASE_MS)
    await done(backend, await backend.again("sms"))


WAYS = {
    begun: {"owed": 1, "pending": 1},
    done: {"owed": 1, "done": 1},
    tried_twice: {"owed": 1, "done": 1},
    put_off: {"owed": 1, "done": 1},
    buried: {"owed": 1, "dead": 1},
    lost_unbegun: {"owed": 1, "done": 1},
    lost_begun: {"owed": 1, "done": 1},
    expired: {"owed": 1, "done": 1},
}
each_way = pytest.mark.parametrize("way", WAYS)
Way = Callable[[BusBackend, Delivery], Awaitable[None]]


@each_way
async def test_it_is_booked_once_whatever_becomes_of_it(backend: BusBackend, way: Way):
    """Until then nobody owes it."""
    delivery = await found(backend)
    assert await backend.counts("sms") == {}
    await way(backend, delivery)
    assert await backend.counts("sms") == WAYS[way]
    fields = await backend.client.hkeys(backend.keys.counters)
    assert sum(b":booked:" in name for name in fields) == ("pending" in WAYS[way])  # nothing of it stays behind


@each_way
async def test_what_was_there_before_the_group_is_owed_from_its_birth_on(backend: BusBackend, way: Way):
    """As if it had been published; what becomes of it books it no second time."""
    await write(backend)
    await backend.subscribe("sms", start="earliest")
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}
    await way(backend, await backend.one("sms"))
    assert await backend.counts("sms") == WAYS[way]


async def test_what_comes_within_the_millisecond_of_the_birth_is_told_from_what_was_there(backend: BusBackend):
    """The first is owed from the birth on, the second once it begins."""
    first = await write(backend, 1)
    await backend.subscribe("sms", start="earliest")
    ms, _, number = first.partition("-")
    await write(backend, 2, f"{ms}-{int(number) + 1}")
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}
    for delivery in await backend.take("sms"):
        await done(backend, delivery)
    assert await backend.counts("sms") == {"owed": 2, "done": 2}


async def test_it_is_booked_beside_what_was_published(backend: BusBackend):
    """In every group by itself."""
    for group in ("sms", "billing"):
        await backend.subscribe(group)
    await backend.bus.publish(event(1))
    await write(backend, 2)
    await backend.bus.publish(event(3))
    for delivery in await backend.take("sms"):
        await done(backend, delivery)
    assert await backend.counts("sms") == {"owed": 3, "done": 3}
    assert await backend.counts("billing") == {"owed": 2, "pending": 2}
    await backend.begin((await backend.take("billing"))[1])
    assert await backend.counts("billing") == {"owed": 3, "pending": 3}


async def test_a_copy_that_something_else_wrote_is_a_duplicate(backend: BusBackend):
    """A bridge may write what it has written before."""
    await done(backend, await found(backend))
    await write(backend)
    assert (await backend.begin(await backend.one("sms"))).status == "duplicate"
    assert await backend.counts("sms") == {"owed": 2, "done": 2}


async def test_a_due_retry_joins_a_copy_that_is_under_way(backend: BusBackend):
    """The delivery that it stands for is being made: nothing of it is left to do, or stays held for ever."""
    await backend.subscribe("sms")
    for _ in range(3):
        await write(backend)
    first, second, third = await backend.take("sms")
    await backend.begin(first)
    await backend.bus.retry(first, "w1", attempt(first), 0)
    await backend.begin(second)
    await backend.begin(third)
    await backend.bus.ack(second, "w1", [], {})
    assert (await backend.begin(third)).status == "duplicate"
    await backend.bus.promote(CHANNEL, "sms")
    assert await backend.take("sms") == []
    assert await backend.bus.find_held(CHANNEL, "sms", "w1", (), 10) == []
    assert await backend.counts("sms") == {"owed": 3, "done": 3}


async def test_a_retry_that_is_named_after_the_same_millisecond_changes_nothing_of_it(backend: BusBackend):
    """Each stream names its entries by itself: two may have one id. What is booked is booked once."""
    await backend.subscribe("sms")
    entry = await write(backend, 1, "5-1")
    foreign = await backend.one("sms")
    await backend.begin(foreign)
    await backend.bus.publish(event(2))
    other = await backend.one("sms")
    await backend.begin(other)
    await backend.bus.retry(other, "w1", attempt(other), 0)
    await hand_on(backend, other, entry)
    again = await backend.again("sms")
    assert again.entry == foreign.entry
    await backend.begin(again)
    await backend.bus.ack(again, "w1", [], {})
    await backend.begin(foreign)
    assert await backend.counts("sms") == {"owed": 2, "done": 1, "pending": 1}
    await backend.bus.ack(foreign, "w1", [], {})
    assert await backend.counts("sms") == {"owed": 2, "done": 2}


async def hand_on(backend: BusBackend, delivery: Delivery, entry: str) -> None:
    """A retry is handed on under an id that the test chooses, as `promote` does under one of the server's."""
    client, keys = backend.client, backend.keys
    await client.zrem(keys.waiting("sms"), str(delivery.id))
    await client.hincrby(keys.counters, "sms:retrying", -1)
    await client.hincrby(keys.counters, "sms:pending", 1)
    await client.xadd(keys.retries("sms"), {"d": str(delivery.id)}, id=entry)
