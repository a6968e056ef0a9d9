"""Only the consumer that holds a delivery changes anything about it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from runtime.bus.contract import Delivery
from runtime.semconv import DeadLetterReason
from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, attempt, event, outgoing

Call = Callable[[BusBackend, Delivery, str], Awaitable[Any]]


async def begin(backend: BusBackend, delivery: Delivery, consumer: str) -> Any:
    return (await backend.bus.begin(delivery, consumer, 7, solo=False, death_limit=3)).status == "ok"


async def ack(backend: BusBackend, delivery: Delivery, consumer: str) -> Any:
    return await backend.bus.ack(delivery, consumer, [outgoing(50)], {"seen": "1"}) is not None


async def retry(backend: BusBackend, delivery: Delivery, consumer: str) -> Any:
    return await backend.bus.retry(delivery, consumer, attempt(delivery), 1000)


async def postpone(backend: BusBackend, delivery: Delivery, consumer: str) -> Any:
    return await backend.bus.postpone(delivery, consumer, 1000)


async def bury(backend: BusBackend, delivery: Delivery, consumer: str) -> Any:
    return await backend.bus.bury(delivery, consumer, attempt(delivery), DeadLetterReason.MAX_ATTEMPTS, 1)


CALLS = (begin, ack, retry, postpone, bury)
SETTLING = (ack, retry, postpone, bury)


async def held(backend: BusBackend, *, is_retry: bool = False) -> Delivery:
    """A delivery that `w1` holds, of an event or of its retry."""
    await backend.bus.subscribe(CHANNEL, "sms", "{}")
    await backend.bus.publish(event(1))
    delivery = await backend.one("sms")
    if is_retry:
        await begin(backend, delivery, "w1")
        await backend.bus.retry(delivery, "w1", attempt(delivery), 0)
        await backend.bus.promote(CHANNEL, "sms")
        delivery = await backend.one("sms")
    return delivery


@pytest.mark.parametrize("is_retry", [False, True])
@pytest.mark.parametrize("call", CALLS)
async def test_the_holder_may(backend: BusBackend, call: Call, is_retry: bool):
    """Otherwise the refusals below would prove nothing."""
    delivery = await held(backend, is_retry=is_retry)
    assert await call(backend, delivery, "w1")


@pytest.mark.parametrize("is_retry", [False, True])
@pytest.mark.parametrize("call", CALLS)
async def test_anybody_else_is_stale_and_changes_nothing(backend: BusBackend, call: Call, is_retry: bool):
    """Every key is as it was."""
    delivery = await held(backend, is_retry=is_retry)
    before = await backend.dump()
    assert not await call(backend, delivery, "w2")
    assert await backend.dump() == before


@pytest.mark.parametrize("is_retry", [False, True])
@pytest.mark.parametrize("call", CALLS)
async def test_whoever_lost_it_to_another_is_stale(backend: BusBackend, call: Call, is_retry: bool):
    """A worker that comes back after a long pause finds its delivery reclaimed."""
    delivery = await held(backend, is_retry=is_retry)
    (taken,) = await backend.bus.reclaim(CHANNEL, "sms", "w2", 0, 10)
    assert taken.entry == delivery.entry
    before = await backend.dump()
    assert not await call(backend, delivery, "w1")
    assert await backend.dump() == before
    assert await call(backend, taken, "w2")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("settle", SETTLING)
async def test_what_is_settled_is_settled_once(backend: BusBackend, settle: Call, call: Call):
    """Neither the same call nor another goes through a second time."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    assert await settle(backend, delivery, "w1")
    before = await backend.dump()
    assert not await call(backend, delivery, "w1")
    assert await backend.dump() == before


async def test_an_attempt_is_recorded_before_it_runs(backend: BusBackend):
    """Whoever takes over after a death has the next number, and knows the trace of the attempt before."""
    delivery = await held(backend)
    first = await backend.bus.begin(delivery, "w1", 0xA1, solo=False, death_limit=3)
    (taken,) = await backend.bus.reclaim(CHANNEL, "sms", "w2", 0, 10)
    second = await backend.bus.begin(taken, "w2", 0xA2, solo=True, death_limit=3)
    assert (first.attempt, first.last_trace_id) == (1, None)
    assert (second.attempt, second.last_trace_id) == (2, 0xA1)
    assert second.first_ms == first.started_ms == first.first_ms
    assert (taken.id, taken.reclaimed) == (delivery.id, True)


async def test_an_ack_commits_what_the_handler_published_and_wrote(backend: BusBackend):
    """The events lie in the outbox, in order, with who made them; the state is the group's."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    entries = await backend.bus.ack(delivery, "w1", [outgoing(50), outgoing(51)], {"seen": "1", "last": '"x"'})
    assert entries is not None
    assert [entry.outgoing for entry in entries] == [outgoing(50), outgoing(51)]
    stored = await backend.client.xrange("causeline:1:{shipment.delivered.0}:out")
    assert [id_.decode() for id_, _ in stored] == [entry.entry for entry in entries]
    assert [fields[b"e"] for _, fields in stored] == [outgoing(50).envelope.encode(), outgoing(51).envelope.encode()]
    state = await backend.client.hgetall("causeline:1:{shipment.delivered.0}:kv:sms")
    assert state == {b"seen": b"1", b"last": b'"x"'}
    assert await backend.counts("sms") == {"owed": 1, "done": 1}


async def test_a_copy_of_an_event_that_the_group_has_done_is_a_duplicate(backend: BusBackend):
    """Its publish mark is gone, so it is published again; the group's own mark keeps it from running twice."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    await ack(backend, delivery, "w1")
    await backend.client.delete(f"causeline:1:{{shipment.delivered.0}}:pub:{event(1).id}")
    await backend.bus.publish(event(1))
    copy = await backend.one("sms")
    begun = await backend.bus.begin(copy, "w1", 7, solo=False, death_limit=3)
    assert begun.status == "duplicate"
    assert await backend.counts("sms") == {"owed": 2, "done": 2}
    assert await backend.bus.reclaim(CHANNEL, "sms", "w2", 0, 10) == []


async def test_a_copy_that_overtakes_a_waiting_retry_does_not_leave_it_waiting(backend: BusBackend):
    """Both are one delivery; once it is done, the retry that comes due finds nothing left to do."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    await backend.bus.retry(delivery, "w1", attempt(delivery), 0)
    await backend.client.delete(f"causeline:1:{{shipment.delivered.0}}:pub:{event(1).id}")
    await backend.bus.publish(event(1))
    copy = await backend.one("sms")
    await begin(backend, copy, "w1")
    assert await ack(backend, copy, "w1")
    await backend.bus.promote(CHANNEL, "sms")
    assert await backend.take("sms") == []
    assert await backend.bus.reclaim(CHANNEL, "sms", "w2", 0, 10) == []
    assert await backend.counts("sms") == {"owed": 2, "done": 2}


async def test_a_copy_that_fails_while_a_retry_waits_joins_it(backend: BusBackend):
    """One delivery waits once: what is done afterwards is done for both."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    await backend.bus.retry(delivery, "w1", attempt(delivery), 0)
    await backend.client.delete(f"causeline:1:{{shipment.delivered.0}}:pub:{event(1).id}")
    await backend.bus.publish(event(1))
    copy = await backend.one("sms")
    await begin(backend, copy, "w1")
    await backend.bus.retry(copy, "w1", attempt(copy, 2), 0)
    assert await backend.counts("sms") == {"owed": 2, "retrying": 1, "done": 1}
    await backend.bus.promote(CHANNEL, "sms")
    assert await ack(backend, await backend.one("sms"), "w1")
    assert await backend.counts("sms") == {"owed": 2, "done": 2}
