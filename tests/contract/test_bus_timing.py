"""Events that are held back come when that is over, once; those that are of no use any more end as expired."""

from typing import Any

import pytest

from runtime.bus.deliveries import Delivery
from runtime.bus.envelope import Envelope
from runtime.bus.ledger import read_ledger
from runtime.bus.redis import PUBLISH_MARK_MS
from runtime.bus.timing import Timing
from runtime.errors import KeyConflictError, StreamFullError
from tests.contract.backends import LEASE_MS, SMALL, BusBackend
from tests.contract.made import CHANNEL, attempt, event


def later(number: int = 1, **more: Any) -> Envelope:
    """An event that is held back for an hour."""
    return event(number, timing=Timing(delay_ms=3_600_000), **more)


async def let_an_hour_pass(backend: BusBackend) -> None:
    """What is held back is due."""
    for member in await backend.client.zrange(backend.keys.later, 0, -1):
        await backend.client.zincrby(backend.keys.later, -3_600_000, member)


async def test_an_event_that_is_held_back_is_owed_to_nobody_until_its_time(backend: BusBackend):
    """`promote` of any group says how long it still takes, and hands it to all groups when it is over."""
    await backend.subscribe("sms")
    await backend.subscribe("billing")
    answer = await backend.bus.publish(later())
    assert (answer.event, answer.groups) == (event(1).id, 2)
    assert await backend.bus.promote(CHANNEL, "sms") == pytest.approx(3_600_000, abs=2_000)
    assert (await backend.take("sms"), await backend.counts("sms")) == ([], {})
    (ledger,) = await read_ledger(backend.client, LEASE_MS)
    assert (ledger.published, ledger.delayed) == (0, 1)

    await let_an_hour_pass(backend)
    assert await backend.bus.promote(CHANNEL, "sms") is None
    for group in ("sms", "billing"):
        delivery = await backend.one(group)
        assert (delivery.envelope, delivery.foreign, delivery.is_retry) == (later(), False, False)
    assert await backend.bus.promote(CHANNEL, "billing") is None
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}
    (ledger,) = await read_ledger(backend.client, LEASE_MS)
    assert (ledger.published, ledger.delayed) == (1, 0)


async def test_a_group_that_is_made_meanwhile_is_owed_it(backend: BusBackend):
    """It is published when it is due, and not before."""
    await backend.bus.publish(later())
    await backend.subscribe("sms", start="latest")
    await let_an_hour_pass(backend)
    await backend.bus.promote(CHANNEL, "sms")
    assert (await backend.one("sms")).event_id == event(1).id


async def test_an_event_is_held_back_once_for_its_id_and_for_its_key(backend: BusBackend):
    """Also where its mark has expired meanwhile: it keeps the time that it was given first."""
    await backend.subscribe("sms")
    first = await backend.bus.publish(later(), key="k")
    assert await backend.bus.publish(later(), key="k") == first
    assert (await backend.bus.publish(later(2, data={"parcel": 1}), key="k")).event == event(1).id
    with pytest.raises(KeyConflictError):
        await backend.bus.publish(later(3), key="k")
    await backend.client.delete(backend.keys.publish_mark(event(1).id), backend.keys.key_mark("tests", "k"))
    due = await backend.client.zscore(backend.keys.later, str(event(1).id))
    await backend.tick()
    await backend.bus.publish(later())
    assert await backend.client.zscore(backend.keys.later, str(event(1).id)) == due
    assert await backend.client.zcard(backend.keys.later) == 1


async def test_an_outbox_may_hold_events_back_too(backend: BusBackend):
    """In its place behind the one before it; its mark stays until it is let go."""
    await backend.subscribe("sms")
    with pytest.raises(StreamFullError, match="comes before"):
        await backend.bus.publish(later(2), inside=True, behind=event(1).id)
    await backend.bus.publish(later(1), inside=True)
    await backend.bus.publish(event(2), inside=True, behind=event(1).id)
    assert await backend.client.pttl(backend.keys.publish_mark(event(1).id)) > PUBLISH_MARK_MS
    assert (await backend.one("sms")).event_id == event(2).id


async def test_no_more_is_held_back_than_a_channel_may_hold(backend: BusBackend):
    """And what is due waits on while its channel is full; it takes nobody's place."""
    await backend.subscribe("sms")
    for number in range(SMALL.stream):
        await backend.small.publish(later(number))
    with pytest.raises(StreamFullError):
        await backend.small.publish(later(8))
    for number in range(10, 10 + SMALL.stream):
        await backend.small.publish(event(number))
    await let_an_hour_pass(backend)
    await backend.small.promote(CHANNEL, "sms")
    assert await backend.client.zcard(backend.keys.later) == SMALL.stream
    for delivery in await backend.take("sms"):
        await backend.bus.ack(delivery, "w1", [], {})
    await backend.small.promote(CHANNEL, "sms")  # makes room
    await backend.small.promote(CHANNEL, "sms")
    assert [one.event_id for one in await backend.take("sms")] == [event(number).id for number in range(SMALL.stream)]


async def expiring(backend: BusBackend) -> Delivery:
    """A delivery whose event expires."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1, timing=Timing(expires_ns=1)))
    return await backend.one("sms")


async def test_what_has_expired_is_neither_done_nor_dead(backend: BusBackend):
    """It is counted, whoever asks again hears the same, and a copy of it is a duplicate."""
    delivery = await expiring(backend)
    for _ in range(2):
        begun = await backend.bus.lapse(delivery, "w1")
        assert begun is not None
        assert (begun.status, begun.attempt, begun.before) == ("expired", 0, None)
    assert await backend.counts("sms") == {"owed": 1, "expired": 1}
    assert await backend.dead() == []
    await backend.client.delete(backend.keys.publish_mark(event(1).id))
    await backend.bus.publish(event(1, timing=Timing(expires_ns=1)))
    copy = await backend.one("sms")
    assert await backend.bus.lapse(copy, "w1") is None
    assert (await backend.begin(copy)).status == "duplicate"


async def test_only_who_holds_it_can_let_it_lapse(backend: BusBackend):
    """To others it is stale; so is an acknowledgement after it."""
    delivery = await expiring(backend)
    assert await backend.bus.lapse(delivery, "w2") is None
    assert await backend.bus.lapse(delivery, "w1") is not None
    assert await backend.bus.ack(delivery, "w1", [], {}) is None
    assert (await backend.begin(delivery)).status == "stale"


async def test_an_event_may_expire_between_two_attempts(backend: BusBackend):
    """Its attempts before are told of, the one that was lost too; nothing of it is left."""
    delivery = await expiring(backend)
    await backend.begin(delivery)
    await backend.bus.retry(delivery, "w1", attempt(delivery), 0)
    again = await backend.again("sms", "w2")
    await backend.begin(again, "w2")
    await backend.bus.forfeit(CHANNEL, "sms", "w2", "lost")
    suspect = await backend.suspect("sms")
    assert await backend.bus.claim(suspect, "cell")
    begun = await backend.bus.lapse(suspect, "cell")
    assert begun is not None
    assert begun.before is not None
    assert (begun.attempt, begun.before.attempt, begun.before.outcome) == (2, 2, "lost")
    assert await backend.counts("sms") == {"owed": 1, "expired": 1}
    assert await backend.client.exists(backend.keys.delivery("sms", delivery.id)) == 0


async def test_a_foreign_event_that_expires_is_booked(backend: BusBackend):
    """The ledger adds up."""
    await backend.subscribe("sms")
    await backend.client.xadd(backend.keys.stream, {"e": event(1, timing=Timing(expires_ns=1)).encode()})
    assert await backend.bus.lapse(await backend.one("sms"), "w1") is not None
    assert await backend.counts("sms") == {"owed": 1, "expired": 1}
