"""Whoever repeats a settlement is told again that it holds; a different one after it is stale. Neither changes
anything."""

from collections.abc import Awaitable, Callable

import pytest

from runtime.bus.deliveries import Delivery
from runtime.semconv import DeadLetterReason
from tests.contract.backends import BusBackend
from tests.contract.made import CHANNEL, attempt, event, outgoing
from tests.contract.settlements import CALLS, SETTLING, Call, ack, begin, bury, come_due, done, held, postpone, retry

both_streams = pytest.mark.parametrize("is_retry", [False, True])
each_settlement = pytest.mark.parametrize("settle", SETTLING)


@both_streams
@each_settlement
async def test_a_settlement_that_is_repeated_holds_still(backend: BusBackend, settle: Call, is_retry: bool):
    """And nothing moves a second time."""
    delivery = await held(backend, is_retry=is_retry)
    await begin(backend, delivery, "w1")
    assert await settle(backend, delivery, "w1")
    before = await backend.dump()
    for _ in range(2):
        assert await settle(backend, delivery, "w1")
    assert await backend.dump() == before


@each_settlement
async def test_a_settlement_of_what_has_not_begun_is_repeated_like_any_other(backend: BusBackend, settle: Call):
    """A breaker is open, or a poisoned delivery is buried."""
    delivery = await held(backend)
    assert await settle(backend, delivery, "w1")
    before = await backend.dump()
    assert await settle(backend, delivery, "w1")
    assert await backend.dump() == before


@both_streams
@pytest.mark.parametrize("call", CALLS)
@each_settlement
async def test_a_different_one_after_it_is_stale(backend: BusBackend, settle: Call, call: Call, is_retry: bool):
    """What is settled is settled in one way."""
    if settle is call or {settle, call} == {ack, done}:
        return
    delivery = await held(backend, is_retry=is_retry)
    await begin(backend, delivery, "w1")
    assert await settle(backend, delivery, "w1")
    before = await backend.dump()
    assert not await call(backend, delivery, "w1")
    assert await backend.dump() == before


@each_settlement
async def test_nobody_else_is_told_that_it_holds(backend: BusBackend, settle: Call):
    """Only who did it."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    assert await settle(backend, delivery, "w1")
    before = await backend.dump()
    assert not await settle(backend, delivery, "w2")
    assert await backend.dump() == before


async def promoted(backend: BusBackend) -> None:
    await come_due(backend)


async def read_by_another(backend: BusBackend) -> None:
    await come_due(backend)
    await backend.one("sms", "w2")


async def begun_by_another(backend: BusBackend) -> None:
    await come_due(backend)
    assert await begin(backend, await backend.one("sms", "w2"), "w2")


async def failed_by_another(backend: BusBackend) -> None:
    await come_due(backend)
    delivery = await backend.one("sms", "w2")
    begun = await backend.begin(delivery, "w2")
    assert await backend.bus.retry(delivery, "w2", attempt(delivery, begun.attempt, worker="w2"), 0)


async def lost_by_another(backend: BusBackend) -> None:
    await begun_by_another(backend)
    assert await backend.bus.forfeit(CHANNEL, "sms", "w2", "killed") == 1


@both_streams
@pytest.mark.parametrize("since", [promoted, read_by_another, begun_by_another, failed_by_another, lost_by_another])
async def test_a_retry_is_repeated_after_something_else_has_happened(
    backend: BusBackend, since: Callable[[BusBackend], Awaitable[None]], is_retry: bool
):
    """It holds, and what has happened since is not undone."""
    delivery = await held(backend, is_retry=is_retry)
    number = (await backend.begin(delivery)).attempt
    assert await backend.bus.retry(delivery, "w1", attempt(delivery, number), 60_000)
    await since(backend)
    before = await backend.dump()
    assert await backend.bus.retry(delivery, "w1", attempt(delivery, number), 60_000)
    assert await backend.dump() == before


@pytest.mark.parametrize("since", [promoted, read_by_another, begun_by_another])
async def test_a_postponement_is_repeated_after_something_else_has_happened(
    backend: BusBackend, since: Callable[[BusBackend], Awaitable[None]]
):
    """It holds, and what has happened since is not undone."""
    delivery = await held(backend)
    assert await postpone(backend, delivery, "w1")
    await since(backend)
    before = await backend.dump()
    assert await postpone(backend, delivery, "w1")
    assert await backend.dump() == before


async def test_a_burial_is_repeated_after_its_letter_was_replayed(backend: BusBackend):
    """At the same time of death; the letter stays replayed."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    died = await bury(backend, delivery, "w1")
    (letter,) = await backend.dead()
    await backend.replay(letter)
    before = await backend.dump()
    assert await bury(backend, delivery, "w1") == died == letter.dead_ms
    assert await backend.dump() == before


async def test_an_ack_is_repeated_after_the_entry_was_trimmed(backend: BusBackend):
    """The group's mark of the event remembers who has done it."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    await ack(backend, delivery, "w1")
    await backend.bus.trim(CHANNEL)
    before = await backend.dump()
    assert await ack(backend, delivery, "w1")
    assert await backend.dump() == before


async def test_an_ack_that_is_repeated_leaves_its_events_to_whoever_tidies_up(backend: BusBackend):
    """They are in the outbox once; which entries they are is not told again."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    first = await backend.bus.ack(delivery, "w1", [outgoing(50)], {})
    assert await backend.bus.ack(delivery, "w1", [outgoing(50)], {}) == []
    assert await backend.bus.outbox(CHANNEL).read_older(0, "", 10) == (first, first[0].entry if first else "")


@both_streams
async def test_a_begin_that_is_repeated_is_the_same_attempt(backend: BusBackend, is_retry: bool):
    """Its number, its time and what came before it."""
    delivery = await held(backend, is_retry=is_retry)
    first = await backend.begin(delivery)
    before = await backend.dump()
    assert await backend.begin(delivery) == first
    assert await backend.dump() == before


async def test_a_begin_is_repeated_after_its_copy_was_put_off(backend: BusBackend):
    """A second copy of the event begins no second attempt of the first."""
    delivery = await held(backend)
    first = await backend.begin(delivery)
    await backend.client.delete(backend.keys.publish_mark(event(1).id))
    await backend.bus.publish(event(1))
    await backend.bus.postpone(await backend.one("sms", "w2"), "w2", 60_000)
    assert await backend.begin(delivery) == first


async def test_a_verdict_of_poison_is_repeated(backend: BusBackend):
    """Nothing is counted by asking."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "killed")
    await backend.bus.claim(delivery, "cell")
    first = await backend.begin(delivery, "cell", isolated=True, kills=1)
    before = await backend.dump()
    assert (first.status, await backend.begin(delivery, "cell", isolated=True, kills=1)) == ("poison", first)
    assert await backend.dump() == before


@pytest.mark.parametrize("why", ["duplicate", "suspect"])
async def test_a_begin_that_gave_the_delivery_away_changes_nothing_when_repeated(backend: BusBackend, why: str):
    """It is settled, or waits for a cell: whoever asks again does not hold it."""
    delivery = await (duplicate if why == "duplicate" else suspect)(backend)
    assert (await backend.begin(delivery)).status == why
    before = await backend.dump()
    assert (await backend.begin(delivery)).status == "stale"
    assert await backend.dump() == before


async def duplicate(backend: BusBackend) -> Delivery:
    """A copy of an event that is done."""
    await ack(backend, await held(backend), "w1")
    await backend.client.delete(backend.keys.publish_mark(event(1).id))
    await backend.bus.publish(event(1))
    return await backend.one("sms")


async def suspect(backend: BusBackend) -> Delivery:
    """A delivery whose worker is gone, and whose cell has been told to stop."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost")
    await backend.bus.claim(delivery, "cell")
    await backend.bus.postpone(delivery, "cell", 0)
    return await backend.again("sms")


async def test_a_claim_is_repeated_even_after_it_began(backend: BusBackend):
    """Until it is settled it is the cell's own."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    await backend.bus.forfeit(CHANNEL, "sms", "w1", "lost")
    assert await backend.bus.claim(delivery, "cell")
    before = await backend.dump()
    assert await backend.bus.claim(delivery, "cell")
    assert await backend.dump() == before
    await backend.begin(delivery, "cell", isolated=True)
    assert await backend.bus.claim(delivery, "cell")
    await ack(backend, delivery, "cell")
    assert not await backend.bus.claim(delivery, "cell")


@pytest.mark.parametrize("settle", [ack, done, bury])
async def test_what_is_settled_for_good_is_told_to_nobody_who_had_put_it_off_before(backend: BusBackend, settle: Call):
    """With the delivery goes the memory of its retries: who repeats one is stale, and changes nothing."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    assert await retry(backend, delivery, "w1")
    await come_due(backend)
    other = await backend.one("sms", "w2")
    await begin(backend, other, "w2")
    assert await settle(backend, other, "w2")
    before = await backend.dump()
    assert not await retry(backend, delivery, "w1")
    assert await backend.dump() == before


async def test_a_retry_with_another_error_is_a_different_settlement(backend: BusBackend):
    """The first one holds."""
    delivery = await held(backend)
    await begin(backend, delivery, "w1")
    assert await retry(backend, delivery, "w1")
    assert not await backend.bus.retry(delivery, "w1", attempt(delivery, message="another"), 0)
    reason = DeadLetterReason.NON_RETRYABLE
    assert not await backend.bus.bury(delivery, "w1", attempt(delivery), reason, 1)
