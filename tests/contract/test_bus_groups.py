"""Groups are independent."""

import json

from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, attempt, event


async def test_every_group_gets_every_event(backend: BusBackend):
    """Within a group one consumer gets it."""
    for group in ("sms", "billing"):
        await backend.subscribe(group)
    await backend.bus.publish(event(1))
    assert len(await backend.take("sms", "w1")) == 1
    assert await backend.take("sms", "w2") == []
    assert len(await backend.take("billing", "w1")) == 1


async def test_the_deliveries_of_two_groups_are_two_nodes(backend: BusBackend):
    """One event owed to two groups is two deliveries."""
    for group in ("sms", "billing"):
        await backend.subscribe(group)
    await backend.bus.publish(event(1))
    assert (await backend.one("sms")).id != (await backend.one("billing")).id


async def test_what_one_group_fails_to_do_is_not_seen_by_another(backend: BusBackend):
    """A retry, a dead letter and its replay reach their own group alone."""
    for group in ("sms", "billing"):
        await backend.subscribe(group)
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms")
    await backend.begin(delivery)
    await backend.bus.retry(delivery, "w1", attempt(delivery), 0)
    await backend.bus.promote(CHANNEL, "billing")
    assert await backend.counts("sms") == {"owed": 1, "retrying": 1}
    assert await backend.counts("billing") == {"owed": 1, "pending": 1}
    assert not (await backend.one("billing")).is_retry


async def test_what_one_group_loses_is_not_seen_by_another(backend: BusBackend):
    """One name may serve two groups: only what it held in the first is taken from it."""
    for group in ("sms", "billing"):
        await backend.subscribe(group)
    await backend.bus.publish(event(1))
    for group in ("sms", "billing"):
        await backend.begin(await backend.one(group, "w1"))
    assert await backend.bus.forfeit(CHANNEL, "sms", "w1", "killed") == 1
    assert await backend.bus.suspects(CHANNEL, "billing", 10) == []
    (held,) = await backend.bus.find_held(CHANNEL, "billing", "w1", (), 10)
    assert await backend.bus.ack(held, "w1", [], {}) == []


async def test_a_group_that_subscribes_again_keeps_its_place(backend: BusBackend):
    """A worker that starts anew finds what was published meanwhile; only the schema is new."""
    assert (await backend.subscribe("sms")).is_new
    await backend.bus.publish(event(1))
    await backend.one("sms")
    await backend.bus.publish(event(2))
    before = await backend.dump()
    again = await backend.subscribe("sms", schema=json.dumps({"type": "object"}))
    after = await backend.dump()
    assert (again.is_new, again.group, again.shared_with) == (False, "sms", "")
    changed = {key for key in before | after if before.get(key) != after.get(key)}
    assert changed == {backend.keys.groups.encode()}
    assert (await backend.one("sms")).event_id == event(2).id


async def test_channels_are_independent(backend: BusBackend):
    """A group of one channel reads nothing of another, whatever its name."""
    await backend.subscribe("sms")
    await backend.subscribe("sms", "other")
    await backend.bus.publish(event(1, "other"))
    assert await backend.take("sms") == []
    assert (await backend.one("sms", channel="other")).channel == "other"


async def test_consumers_that_hold_nothing_are_forgotten_and_others_never(backend: BusBackend):
    """The server would drop what a forgotten consumer holds."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    first = await backend.one("sms", "w1")
    await backend.begin(first)
    await backend.bus.ack(first, "w1", [], {})
    await backend.bus.publish(event(2))
    held = await backend.one("sms", "w2")
    while not await is_idle(backend):
        pass
    assert await backend.bus.reap(CHANNEL, "sms", 0) >= 1
    consumers = await backend.client.xinfo_consumers(backend.keys.stream, "sms")
    assert [consumer["name"] for consumer in consumers] == [b"w2"]
    assert await backend.bus.find_held(CHANNEL, "sms", "w2", (), 10) == [held]


async def test_what_waits_for_a_cell_outlives_every_reaping(backend: BusBackend):
    """Nobody renews it."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    await backend.begin(await backend.one("sms"))
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost")
    while not await is_idle(backend):
        pass
    await backend.bus.reap(CHANNEL, "sms", 0)
    assert (await backend.suspect("sms")).event_id == event(1).id


async def is_idle(backend: BusBackend) -> bool:
    """Whether every consumer has been silent for a moment."""
    return all(consumer["idle"] > 0 for consumer in await backend.client.xinfo_consumers(backend.keys.stream, "sms"))
