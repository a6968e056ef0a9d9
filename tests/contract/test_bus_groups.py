"""Groups are independent, and owe what was published since their birth."""

import json

from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, attempt, event


async def test_every_group_gets_every_event(backend: BusBackend):
    """Within a group one consumer gets it."""
    for group in ("sms", "billing"):
        await backend.bus.subscribe(CHANNEL, group, "{}")
    await backend.bus.publish(event(1))
    assert len(await backend.take("sms", "w1")) == 1
    assert await backend.take("sms", "w2") == []
    assert len(await backend.take("billing", "w1")) == 1


async def test_the_deliveries_of_two_groups_are_two_nodes(backend: BusBackend):
    """One event owed to two groups is two deliveries."""
    for group in ("sms", "billing"):
        await backend.bus.subscribe(CHANNEL, group, "{}")
    await backend.bus.publish(event(1))
    assert (await backend.one("sms")).id != (await backend.one("billing")).id


async def test_what_one_group_fails_to_do_is_not_seen_by_another(backend: BusBackend):
    """A retry, a dead letter and its replay reach their own group alone."""
    for group in ("sms", "billing"):
        await backend.bus.subscribe(CHANNEL, group, "{}")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms")
    await backend.bus.begin(delivery, "w1", 7, solo=False, death_limit=3)
    await backend.bus.retry(delivery, "w1", attempt(delivery), 0)
    await backend.bus.promote(CHANNEL, "billing")
    assert await backend.counts("sms") == {"owed": 1, "retrying": 1}
    assert await backend.counts("billing") == {"owed": 1, "pending": 1}
    assert not (await backend.one("billing")).is_retry


async def test_a_new_group_owes_nothing_that_is_older(backend: BusBackend):
    """Its ledger and its reading both begin at its birth."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.publish(event(1))
    await backend.bus.subscribe(CHANNEL, "billing", "{}")
    assert await backend.counts("billing") == {}
    assert await backend.take("billing") == []
    await backend.bus.publish(event(2))
    assert (await backend.one("billing")).event_id == event(2).id
    assert await backend.counts("billing") == {"owed": 1, "pending": 1}
    assert await backend.counts("sms") == {"owed": 2, "pending": 2}


async def test_a_group_that_subscribes_again_keeps_its_place(backend: BusBackend):
    """A worker that starts anew finds what was published meanwhile; only the schema is new."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.publish(event(1))
    await backend.one("sms")
    await backend.bus.publish(event(2))
    before = await backend.dump()
    await backend.bus.subscribe(CHANNEL, "sms", json.dumps({"type": "object"}))
    after = await backend.dump()
    changed = {key for key in before | after if before.get(key) != after.get(key)}
    assert changed == {b"causeline:1:{shipment.delivered.0}:groups"}
    assert (await backend.one("sms")).event_id == event(2).id


async def test_channels_are_independent(backend: BusBackend):
    """A group of one channel reads nothing of another, whatever its name."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.subscribe("other", "sms", "{}")
    await backend.bus.publish(event(1, "other"))
    assert await backend.take("sms") == []
    assert (await backend.one("sms", channel="other")).channel == "other"


async def test_reading_takes_no_more_than_asked_for(backend: BusBackend):
    """In the order published."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    for number in range(5):
        await backend.bus.publish(event(number))
    first, rest = await backend.take("sms", limit=2), await backend.take("sms", limit=9)
    assert [one.event_id for one in (*first, *rest)] == [event(number).id for number in range(5)]
    assert len(first) == 2


async def test_reading_takes_no_more_than_asked_for_of_events_and_retries_together(backend: BusBackend):
    """An entry that waits in a worker's memory is one that its death delays."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    for number in range(4):
        await backend.bus.publish(event(number))
    for delivery in await backend.take("sms", limit=2):
        await backend.bus.begin(delivery, "w1", 7, solo=False, death_limit=3)
        await backend.bus.retry(delivery, "w1", attempt(delivery), 0)
    await backend.bus.promote(CHANNEL, "sms")
    taken = [len(await backend.take("sms", limit=1)) for _ in range(5)]
    assert taken == [1, 1, 1, 1, 0]


async def test_consumers_that_hold_nothing_are_forgotten_and_others_never(backend: BusBackend):
    """The server would drop what a forgotten consumer holds."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.publish(event(1))
    first = await backend.one("sms", "w1")
    await backend.bus.begin(first, "w1", 7, solo=False, death_limit=3)
    await backend.bus.ack(first, "w1", [], {})
    await backend.bus.publish(event(2))
    held = await backend.one("sms", "w2")
    stream = "causeline:1:{shipment.delivered.0}:s"
    while not await is_idle(backend, stream):
        pass
    assert await backend.bus.reap(CHANNEL, "sms", 0) >= 1
    consumers = await backend.client.xinfo_consumers(stream, "sms")
    assert [consumer["name"] for consumer in consumers] == [b"w2"]
    assert [one.id for one in await backend.bus.reclaim(CHANNEL, "sms", "w3", 0, 10)] == [held.id]


async def is_idle(backend: BusBackend, stream: str) -> bool:
    """Whether every consumer has been silent for a moment."""
    return all(consumer["idle"] > 0 for consumer in await backend.client.xinfo_consumers(stream, "sms"))
