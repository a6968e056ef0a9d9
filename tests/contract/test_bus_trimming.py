"""Trimming drops what every group has settled, and never what one still needs."""

from runtime.bus.contract import Delivery
from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, event


async def published(backend: BusBackend, *groups: str, count: int = 6) -> None:
    """A channel with groups and events."""
    for group in groups:
        await backend.bus.subscribe(CHANNEL, group, "{}")
    for number in range(count):
        await backend.bus.publish(event(number))


async def settle(backend: BusBackend, group: str, deliveries: list[Delivery]) -> None:
    for delivery in deliveries:
        assert await backend.bus.ack(delivery, "w1", [], {}) is not None


async def left(backend: BusBackend) -> list[int]:
    """The numbers of the events that the stream still holds."""
    entries = await backend.client.xrange("causeline:1:{shipment.delivered.0}:s")
    known = {event(number).encode(): number for number in range(10)}
    return [known[fields[b"e"]] for _, fields in entries]


async def test_what_all_groups_have_settled_goes(backend: BusBackend):
    """Nothing needs it any more."""
    await published(backend, "sms", "billing")
    for group in ("sms", "billing"):
        await settle(backend, group, await backend.take(group))
    assert await backend.bus.trim(CHANNEL) == 6
    assert await left(backend) == []


async def test_what_a_group_has_not_read_stays(backend: BusBackend):
    """The slowest group decides."""
    await published(backend, "sms", "billing")
    await settle(backend, "sms", await backend.take("sms"))
    await settle(backend, "billing", await backend.take("billing", limit=2))
    assert await backend.bus.trim(CHANNEL) == 2
    assert await left(backend) == [2, 3, 4, 5]


async def test_what_a_group_has_read_but_not_settled_stays(backend: BusBackend):
    """An entry under way is needed until it is settled: another worker may have to take it over."""
    await published(backend, "sms")
    taken = await backend.take("sms")
    await settle(backend, "sms", [*taken[:2], *taken[3:]])
    assert await backend.bus.trim(CHANNEL) == 2
    assert await left(backend) == [2, 3, 4, 5]
    (again,) = await backend.bus.reclaim(CHANNEL, "sms", "w2", 0, 10)
    assert again.envelope == event(2)


async def test_a_waiting_retry_does_not_pin_the_stream(backend: BusBackend):
    """Its envelope is kept with it."""
    await published(backend, "sms", count=2)
    for delivery in await backend.take("sms"):
        assert await backend.bus.postpone(delivery, "w1", 0)
    await backend.bus.trim(CHANNEL)
    assert await left(backend) == []
    await backend.bus.promote(CHANNEL, "sms")
    again = {one.event_id: one.envelope for one in await backend.take("sms", limit=4)}
    assert again == {event(0).id: event(0), event(1).id: event(1)}


async def test_a_group_that_has_lost_its_place_stops_trimming(backend: BusBackend):
    """Nobody knows what it needs, so everything is kept until somebody looks."""
    await published(backend, "sms", "billing")
    await settle(backend, "sms", await backend.take("sms"))
    await backend.client.xgroup_destroy("causeline:1:{shipment.delivered.0}:s", "billing")
    assert await backend.bus.trim(CHANNEL) == 0


async def test_trimming_a_channel_that_is_not_there_does_nothing(backend: BusBackend):
    """A worker tidies channels that nobody has published to."""
    assert await backend.bus.trim("nowhere") == 0


async def test_a_trimmed_channel_goes_on(backend: BusBackend):
    """Groups find what is published afterwards, and the ledger does not move."""
    await published(backend, "sms")
    await settle(backend, "sms", await backend.take("sms"))
    await backend.bus.trim(CHANNEL)
    await backend.bus.publish(event(7))
    assert (await backend.one("sms")).envelope == event(7)
    assert await backend.counts("sms") == {"owed": 7, "done": 6, "pending": 1}


async def test_a_channel_without_groups_keeps_nothing(backend: BusBackend):
    """It never fills; the ledger counts what was published, and a group born later is owed none of it."""
    for number in range(BusBackend.SMALL_CAP + 2):
        assert await backend.small.publish(event(number)) > 0
    assert await backend.client.xlen("causeline:1:{shipment.delivered.0}:s") == 0
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.publish(event(50))
    assert [one.envelope for one in await backend.take("sms")] == [event(50)]
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}
