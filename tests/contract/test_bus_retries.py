"""Retries are durable timers: they come due at their time, with the next number, in the same round."""

import pytest

from runtime.bus.deliveries import Delivery
from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, attempt, event


async def failed(backend: BusBackend, delay_ms: int) -> Delivery:
    """A delivery whose first attempt has failed."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms")
    await backend.begin(delivery, "w1", 0xA1)
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
    await backend.subscribe("sms")
    assert await backend.bus.promote(CHANNEL, "sms") is None
    assert await backend.bus.promote("nowhere", "sms") is None


async def test_a_due_retry_is_the_same_delivery_with_the_next_attempt(backend: BusBackend):
    """Same node, same round, same envelope; the first attempt's beginning, trace and error are remembered."""
    first = await failed(backend, 0)
    assert await backend.bus.promote(CHANNEL, "sms") is None
    assert await backend.counts("sms") == {"owed": 1, "pending": 1}
    again = await backend.one("sms", "w2")
    assert (again.id, again.round, again.envelope, again.is_retry) == (first.id, 0, first.envelope, True)
    begun = await backend.begin(again, "w2", 0xA2)
    assert (begun.status, begun.attempt, begun.fails) == ("ok", 2, 1)
    assert begun.before == attempt(first, trace_id=f"{0xA1:032x}")
    assert begun.first_ms <= begun.started_ms


async def test_a_failed_attempt_leaves_the_pending_list_at_once(backend: BusBackend):
    """A waiting retry neither blocks its group nor is taken from whoever failed."""
    await failed(backend, 60_000)
    assert await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost") == 0
    await backend.bus.publish(event(2))
    assert (await backend.one("sms")).event_id == event(2).id


async def test_a_retry_survives_the_death_of_whoever_took_it(backend: BusBackend):
    """It goes on like any other delivery."""
    await failed(backend, 0)
    taken = await backend.again("sms", "w2")
    await backend.begin(taken, "w2")
    assert await backend.bus.forfeit(CHANNEL, "sms", "w2", "lost") == 1
    assert await backend.suspect("sms") == taken


@pytest.mark.parametrize("words", ["half a \ud83d character", "\udce9", "a \x00 zero", "\U0001f4e6 whole"])
async def test_whatever_an_error_says_the_next_attempt_begins(backend: BusBackend, words: str):
    """Models print half a character now and then; what can't be written is replaced."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms")
    await backend.begin(delivery)
    assert await backend.bus.retry(delivery, "w1", attempt(delivery, message=words, traceback=words), 0)
    begun = await backend.begin(await backend.again("sms"))
    assert (begun.status, begun.attempt) == ("ok", 2)
    assert begun.before is not None
    assert begun.before.message == words.encode(errors="replace").decode()


async def test_a_postponed_delivery_uses_up_no_attempt(backend: BusBackend):
    """Its first attempt is still to come, and its clock has not begun to run."""
    await backend.subscribe("sms")
    await backend.bus.publish(event(1))
    assert await backend.bus.postpone(await backend.one("sms"), "w1", 0)
    assert await backend.counts("sms") == {"owed": 1, "retrying": 1}
    again = await backend.again("sms")
    assert (again.envelope, again.round, again.event_id) == (event(1), 0, event(1).id)
    begun = await backend.begin(again)
    assert (begun.attempt, begun.first_ms) == (1, begun.started_ms)


async def test_a_postponed_retry_keeps_its_number(backend: BusBackend):
    """The breaker opened after the first attempt; the second one is still the second."""
    await failed(backend, 0)
    assert await backend.bus.postpone(await backend.again("sms"), "w1", 0)
    assert (await backend.begin(await backend.again("sms"))).attempt == 2


async def test_many_due_retries_are_promoted_in_bounded_batches(backend: BusBackend):
    """While more are due, the next is due in 0 ms."""
    await backend.subscribe("sms")
    for number in range(205):
        await backend.bus.publish(event(number))
    for delivery in await backend.take("sms", limit=205):
        await backend.bus.postpone(delivery, "w1", 0)
    assert await backend.bus.promote(CHANNEL, "sms") == 0
    assert await backend.bus.promote(CHANNEL, "sms") is None
    assert await backend.counts("sms") == {"owed": 205, "pending": 205}


async def test_what_is_no_envelope_keeps_its_identity_when_it_is_put_off(backend: BusBackend):
    """Its event's id is made from where it lay; nothing may be its own cause."""
    await backend.subscribe("sms")
    await backend.client.xadd(backend.keys.stream, {"e": b"\xff\x00 not JSON"})
    first = await backend.one("sms")
    assert await backend.bus.postpone(first, "w1", 0)
    later = await backend.again("sms")
    assert (later.id, later.event_id) == (first.id, first.event_id)
    assert later.id != later.event_id
