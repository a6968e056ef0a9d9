"""A bus takes each event once, and refuses what it has no room for."""

import asyncio

import pytest

from runtime.errors import StreamFullError
from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, event


async def test_an_event_reaches_its_group_as_it_was_published(backend: BusBackend):
    """The envelope that is read is the one that was written."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms")
    assert delivery.envelope == event(1)
    assert (delivery.raw, delivery.event_id, delivery.round) == (event(1).encode(), event(1).id, 0)
    assert not delivery.is_retry
    assert not delivery.reclaimed


async def test_an_event_is_published_once_for_its_id(backend: BusBackend):
    """The second publish answers with the time of the first, and nothing is owed twice."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    first = await backend.bus.publish(event(1))
    before = await backend.dump()
    assert await backend.bus.publish(event(1, data="another payload")) == first
    assert await backend.dump() == before
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}


async def test_of_many_publishes_at_once_one_counts(backend: BusBackend):
    """Concurrency does not beat the mark."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    times = await asyncio.gather(*(backend.bus.publish(event(1)) for _ in range(20)))
    assert len(set(times)) == 1
    assert len(await backend.take("sms", limit=50)) == 1


async def test_a_full_channel_refuses_an_event_from_outside(backend: BusBackend):
    """The error names the channel, the cap and the setting; nothing of the event is stored."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    for number in range(backend.SMALL_CAP):
        await backend.small.publish(event(number))
    before = await backend.dump()
    with pytest.raises(StreamFullError, match=rf"{CHANNEL} holds 3 events .* CAUSELINE_STREAM_CAP"):
        await backend.small.publish(event(9))
    assert await backend.dump() == before


async def test_a_full_channel_refuses_an_event_from_an_outbox(backend: BusBackend):
    """It waits where it is; its mark is not set, so that it can be published later."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    for number in range(backend.SMALL_CAP):
        await backend.small.publish(event(number))
    before = await backend.dump()
    with pytest.raises(StreamFullError):
        await backend.small.publish(event(9), inside=True)
    assert await backend.dump() == before


async def test_a_full_channel_still_knows_what_it_has(backend: BusBackend):
    """Publishing again what is there is no refusal."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    times = [await backend.small.publish(event(number)) for number in range(backend.SMALL_CAP)]
    assert await backend.small.publish(event(0)) == times[0]


async def test_a_channel_makes_room_for_itself_once_its_groups_have_caught_up(backend: BusBackend):
    """What every group has settled does not stop a publisher, even where no worker tidies up."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    for number in range(backend.SMALL_CAP):
        await backend.small.publish(event(number))
    for delivery in await backend.take("sms"):
        await backend.bus.ack(delivery, "w1", [], {})
    await backend.small.publish(event(9))
    assert (await backend.one("sms")).event_id == event(9).id


async def test_a_channel_without_groups_never_fills(backend: BusBackend):
    """Nobody is owed anything, so nothing has to be kept."""
    for number in range(backend.SMALL_CAP + 2):
        await backend.small.publish(event(number))
