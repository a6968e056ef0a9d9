"""A bus takes each event once, and refuses what it has no room for."""

import asyncio
from typing import Final

import pytest

from runtime.bus.deliveries import PublishReceipt
from runtime.bus.timing import Timing
from runtime.errors import StreamFullError
from tests.contract.backends import SMALL, BusBackend
from tests.contract.made import CHANNEL, event

HOUR_MS: Final = 3600 * 1000
YEAR_MS: Final = 365 * 24 * HOUR_MS


async def test_an_event_reaches_its_group_as_it_was_published(backend: BusBackend):
    """The envelope that is read is the one that was written."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms")
    assert delivery.envelope == event(1)
    assert (delivery.raw, delivery.event_id, delivery.round) == (event(1).encode(), event(1).id, 0)
    assert (delivery.is_retry, delivery.foreign) == (False, False)


async def test_whoever_publishes_learns_when_it_was_and_how_many_groups_are_owed_it(backend: BusBackend):
    """By the clock of the bus; to nobody is worth knowing."""
    before = await backend.client.time()
    nobody = await backend.bus.publish(event(1))
    await backend.subscribe("sms")
    await backend.subscribe("billing")
    two = await backend.bus.publish(event(2))
    after = await backend.client.time()
    assert before[0] * 1000 <= nobody.at_ms <= two.at_ms <= after[0] * 1000 + 999
    assert (nobody.groups, two.groups) == (0, 2)


async def test_an_event_is_published_once_for_its_id(backend: BusBackend):
    """The second publish answers with the time of the first, and nothing is owed twice."""
    await backend.subscribe("sms")
    first = await backend.bus.publish(event(1))
    before = await backend.dump()
    assert await backend.bus.publish(event(1, data="another payload")) == first
    assert await backend.dump() == before
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}


async def test_an_event_that_nobody_reads_yet_is_published_once_as_well(backend: BusBackend):
    """Nothing but the number of groups differs."""
    first = await backend.bus.publish(event(1))
    before = await backend.dump()
    assert await backend.bus.publish(event(1)) == first == PublishReceipt(event(1).id, first.at_ms, 0)
    assert await backend.dump() == before


async def test_of_many_publishes_at_once_one_counts(backend: BusBackend):
    """Concurrency does not beat the mark."""
    await backend.subscribe("sms")
    answers = await asyncio.gather(*(backend.bus.publish(event(1)) for _ in range(20)))
    assert len(set(answers)) == 1
    assert len(await backend.take("sms", limit=50)) == 1


async def test_an_event_is_published_again_after_its_mark_is_gone(backend: BusBackend):
    """A copy: it is owed once more, and its groups' own marks keep it from running twice."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    await backend.client.delete(backend.keys.publish_mark(event(1).id))
    await backend.bus.publish(event(1))
    assert await backend.counts("sms") == {"owed": 2, "pending": 2}


async def test_a_mark_from_outside_expires_soon_and_one_from_an_outbox_once_it_is_let_go(backend: BusBackend):
    """Whoever repeats a relay's work, however late, adds nothing twice; what nobody lets go ends all the same."""
    await backend.bus.publish(event(1))
    await backend.bus.publish(event(2), inside=True)
    marks = [backend.keys.publish_mark(event(number).id) for number in (1, 2)]
    outside, inside = [await backend.client.pttl(mark) for mark in marks]
    assert 0 < outside <= HOUR_MS
    assert YEAR_MS - HOUR_MS < inside <= YEAR_MS
    await backend.bus.forget(CHANNEL, event(2).id)
    assert 0 < await backend.client.pttl(marks[1]) <= HOUR_MS


@pytest.mark.parametrize("delay", [False, True])
async def test_a_mark_from_an_outbox_begins_anew_for_as_long_as_its_entry_is_carried_again(
    backend: BusBackend, delay: bool
):
    """It must not end before its entry is gone. Who publishes it from elsewhere changes nothing about it."""
    one = event(1, timing=Timing(delay_ms=60_000)) if delay else event(1)
    mark = backend.keys.publish_mark(one.id)
    await backend.bus.publish(one, inside=True)
    await backend.client.pexpire(mark, HOUR_MS)
    await backend.bus.publish(one)
    assert await backend.client.pttl(mark) <= HOUR_MS
    await backend.bus.publish(one, inside=True)
    assert await backend.client.pttl(mark) > YEAR_MS - HOUR_MS


@pytest.mark.parametrize("inside", [False, True])
async def test_a_full_channel_refuses_an_event(backend: BusBackend, inside: bool):
    """The error names the channel, the cap and the setting; nothing of the event is stored, so it can come later."""
    await backend.subscribe("sms")
    for number in range(SMALL.stream):
        await backend.small.publish(event(number))
    before = await backend.dump()
    with pytest.raises(StreamFullError, match=rf"{CHANNEL} holds 3 events .* CAUSELINE_STREAM_CAP"):
        await backend.small.publish(event(9), inside=inside)
    assert await backend.dump() == before


async def test_a_full_channel_still_knows_what_it_has(backend: BusBackend):
    """Publishing again what is there is no refusal."""
    await backend.subscribe("sms")
    answers = [await backend.small.publish(event(number)) for number in range(SMALL.stream)]
    assert await backend.small.publish(event(0)) == answers[0]


async def test_a_channel_makes_room_for_itself_once_its_groups_have_caught_up(backend: BusBackend):
    """What every group has settled does not stop a publisher, even where no worker tidies up."""
    await backend.subscribe("sms")
    for number in range(SMALL.stream):
        await backend.small.publish(event(number))
    for delivery in await backend.take("sms"):
        await backend.bus.ack(delivery, "w1", [], {})
    await backend.small.publish(event(9))
    assert (await backend.one("sms")).event_id == event(9).id


async def test_a_channel_without_groups_never_fills(backend: BusBackend):
    """Nobody is owed anything: the newest are kept for whoever comes, and the others make room."""
    for number in range(SMALL.stream + 2):
        await backend.small.publish(event(number))
    [(_, newest)] = await backend.client.xrevrange(backend.keys.stream, count=1)
    assert str(event(SMALL.stream + 1).id).encode() in b" ".join(newest.values())


async def test_a_channel_that_nobody_reads_is_known_even_if_its_first_publish_was_cut_off(backend: BusBackend):
    """It was cut off between the event and the channel's name, and asked again."""
    await backend.bus.publish(event(1))
    await backend.client.delete("causeline:1:channels")
    await backend.bus.publish(event(1))
    assert await backend.client.smembers("causeline:1:channels") == {CHANNEL.encode()}


async def test_an_event_goes_in_only_behind_the_one_before_it(backend: BusBackend):
    """Many of an outbox are on their way at once, and keep their order even where one is refused."""
    await backend.subscribe("sms")
    with pytest.raises(StreamFullError, match="comes before"):
        await backend.bus.publish(event(2), inside=True, behind=event(1).id)
    assert await backend.counts("sms") == {}
    await backend.bus.publish(event(1), inside=True)
    await backend.bus.publish(event(2), inside=True, behind=event(1).id)
    assert [one.event_id for one in await backend.take("sms")] == [event(1).id, event(2).id]
