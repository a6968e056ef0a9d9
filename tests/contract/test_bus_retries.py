"""Retries are durable timers: they come due at their time, with the next number, in the same round."""

import pytest

from runtime.bus.contract import Delivery
from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, attempt, event


async def failed(backend: BusBackend, delay_ms: int) -> Delivery:
    """A delivery whose first attempt has failed."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms")
    await backend.bus.begin(delivery, "w1", 0xA1, solo=False, death_limit=3)
    assert await backend.bus.retry(delivery, "w1", attempt(delivery, trace_id=f"{0xA1:032x}"), delay_ms)
    return delivery


async def test_a_retry_does_not_come_before_its_time(backend: BusBackend):
    """`promote` says how long it still takes, and moves nothing."""
    await failed(backend, 60_000)
    before = await backend.dump()
    due_ms = await backend.bus.promote(CHANNEL, "sms")
    assert due_ms == pytest.approx(60_000, abs=2_000)
    assert await backend.dump() == before
    assert await backend.take("sms") == []
    assert await backend.counts("sms") == {"owed": 1, "retrying": 1}


async def test_nothing_is_due_where_nothing_waits(backend: BusBackend):
    """None, so that whoever asks rests for as long as it likes."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    assert await backend.bus.promote(CHANNEL, "sms") is None


async def test_a_due_retry_is_the_same_delivery_with_the_next_attempt(backend: BusBackend):
    """Same node, same round, same envelope; the first attempt's beginning and trace are remembered."""
    first = await failed(backend, 0)
    assert await backend.bus.promote(CHANNEL, "sms") is None
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}
    again = await backend.one("sms", "w2")
    assert (again.id, again.round, again.envelope, again.is_retry) == (first.id, 0, first.envelope, True)
    begun = await backend.bus.begin(again, "w2", 0xA2, solo=False, death_limit=3)
    assert (begun.status, begun.attempt, begun.last_trace_id) == ("ok", 2, 0xA1)
    assert begun.first_ms <= begun.started_ms


async def test_a_failed_attempt_leaves_the_pending_list_at_once(backend: BusBackend):
    """A waiting retry neither blocks its group nor is reclaimed."""
    await failed(backend, 60_000)
    assert await backend.bus.reclaim(CHANNEL, "sms", "w2", 0, 10) == []
    await backend.bus.publish(event(2))
    assert (await backend.one("sms")).event_id == event(2).id


async def test_a_retry_survives_the_death_of_whoever_took_it(backend: BusBackend):
    """It is reclaimed like any other delivery."""
    await failed(backend, 0)
    await backend.bus.promote(CHANNEL, "sms")
    taken = await backend.one("sms", "w2")
    (again,) = await backend.bus.reclaim(CHANNEL, "sms", "w3", 0, 10)
    assert (again.entry, again.id, again.is_retry, again.reclaimed) == (taken.entry, taken.id, True, True)


async def test_a_postponed_delivery_uses_up_no_attempt(backend: BusBackend):
    """Its first attempt is still to come, and its clock has not begun to run."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.publish(event(1))
    assert await backend.bus.postpone(await backend.one("sms"), "w1", 0)
    assert await backend.counts("sms") == {"owed": 1, "retrying": 1}
    await backend.bus.promote(CHANNEL, "sms")
    again = await backend.one("sms")
    assert (again.envelope, again.round, again.event_id) == (event(1), 0, event(1).id)
    begun = await backend.bus.begin(again, "w1", 7, solo=False, death_limit=3)
    assert (begun.attempt, begun.first_ms) == (1, begun.started_ms)


async def test_a_postponed_retry_keeps_its_number(backend: BusBackend):
    """The breaker opened after the first attempt; the second one is still the second."""
    await failed(backend, 0)
    await backend.bus.promote(CHANNEL, "sms")
    assert await backend.bus.postpone(await backend.one("sms"), "w1", 0)
    await backend.bus.promote(CHANNEL, "sms")
    begun = await backend.bus.begin(await backend.one("sms"), "w1", 7, solo=False, death_limit=3)
    assert begun.attempt == 2


async def test_many_due_retries_are_promoted_in_bounded_batches(backend: BusBackend):
    """While more are due, the next is due in 0 ms."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    for number in range(205):
        await backend.bus.publish(event(number))
    for delivery in await backend.take("sms", limit=205):
        await backend.bus.postpone(delivery, "w1", 0)
    assert await backend.bus.promote(CHANNEL, "sms") == 0
    assert await backend.bus.promote(CHANNEL, "sms") is None
    assert await backend.counts("sms") == {"owed": 205, "pending": 205}


async def test_what_is_no_envelope_keeps_its_identity_when_it_is_put_off(backend: BusBackend):
    """Its event's id is made from where it lay; nothing may be its own cause."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.client.xadd("causeline:1:{shipment.delivered.0}:s", {"e": b"\xff\x00 not JSON"})
    first = await backend.one("sms")
    assert await backend.bus.postpone(first, "w1", 0)
    await backend.bus.promote(CHANNEL, "sms")
    later = await backend.one("sms")
    assert (later.id, later.event_id) == (first.id, first.event_id)
    assert later.id != later.event_id
