"""Trimming drops what every group has settled, and never what one still needs."""

from runtime.bus.deliveries import Delivery
from tests.contract.backends import SMALL, BusBackend
from tests.contract.made import CHANNEL, event


async def published(backend: BusBackend, *groups: str, count: int = 6) -> None:
    """A channel with groups and events."""
    for group in groups:
        await backend.subscribe(group)
    for number in range(count):
        await backend.bus.publish(event(number))


async def settle(backend: BusBackend, deliveries: list[Delivery]) -> None:
    for delivery in deliveries:
        assert await backend.bus.ack(delivery, "w1", [], {}) is not None


async def left(backend: BusBackend) -> list[int]:
    """The numbers of the events that the stream still holds."""
    entries = await backend.client.xrange(backend.keys.stream)
    known = {event(number).encode(): number for number in range(10)}
    return [known[fields[b"e"]] for _, fields in entries]


async def test_what_all_groups_have_settled_goes(backend: BusBackend):
    """Nothing needs it any more."""
    await published(backend, "sms", "billing")
    for group in ("sms", "billing"):
        await settle(backend, await backend.take(group))
    assert await backend.bus.trim(CHANNEL) == 6
    assert await left(backend) == []


async def test_what_a_group_has_not_read_stays(backend: BusBackend):
    """The slowest group decides."""
    await published(backend, "sms", "billing")
    await settle(backend, await backend.take("sms"))
    await settle(backend, await backend.take("billing", limit=2))
    assert await backend.bus.trim(CHANNEL) == 2
    assert await left(backend) == [2, 3, 4, 5]


async def test_what_a_group_has_read_but_not_settled_stays(backend: BusBackend):
    """An entry under way is needed until it is settled: it may have to go on elsewhere."""
    await published(backend, "sms")
    taken = await backend.take("sms")
    await settle(backend, [*taken[:2], *taken[3:]])
    assert await backend.bus.trim(CHANNEL) == 2
    assert await left(backend) == [2, 3, 4, 5]
    assert await backend.bus.find_held(CHANNEL, "sms", "w1", (), 10) == [taken[2]]


async def test_what_waits_for_a_cell_stays(backend: BusBackend):
    """It is owed like any other."""
    await published(backend, "sms", count=2)
    first, second = await backend.take("sms")
    await backend.begin(first)
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "killed")
    assert await backend.bus.trim(CHANNEL) == 0
    assert (await backend.suspect("sms")).envelope == event(0)
    assert second.event_id == event(1).id


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
    await settle(backend, await backend.take("sms"))
    await backend.client.xgroup_destroy(backend.keys.stream, "billing")
    assert await backend.bus.trim(CHANNEL) == 0


async def test_trimming_a_channel_that_is_not_there_does_nothing(backend: BusBackend):
    """A worker tidies channels that nobody has published to."""
    assert await backend.bus.trim("nowhere") == 0


async def test_a_trimmed_channel_goes_on(backend: BusBackend):
    """Groups find what is published afterwards, and the ledger does not move."""
    await published(backend, "sms")
    await settle(backend, await backend.take("sms"))
    await backend.bus.trim(CHANNEL)
    await backend.bus.publish(event(7))
    assert (await backend.one("sms")).envelope == event(7)
    assert await backend.counts("sms") == {"owed": 7, "done": 6, "pending": 1}


async def test_what_nobody_reads_yet_is_trimmed_to_the_newest(backend: BusBackend):
    """They wait for the first group."""
    for number in range(SMALL.unclaimed + 3):
        await backend.small.publish(event(number))
    assert await backend.small.trim(CHANNEL) == 3
    assert await left(backend) == [3, 4]
    assert await backend.small.trim(CHANNEL) == 0


async def test_a_group_that_begins_early_keeps_what_others_have_settled(backend: BusBackend):
    """From its birth on it is needed again."""
    await published(backend, "sms", count=3)
    await settle(backend, await backend.take("sms"))
    await backend.subscribe("billing", start="earliest")
    assert await backend.bus.trim(CHANNEL) == 0
    assert len(await backend.take("billing")) == 3
