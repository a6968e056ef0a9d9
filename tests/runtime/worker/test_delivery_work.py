"""What is a delivery's alone: its event, its trace, its group, and its dead letter."""

import time
from dataclasses import replace
from typing import Any

import pytest

from runtime import Breaker, Context, NonRetryableError, Retry
from runtime.causality import identity
from runtime.causality.trace_context import TraceContext
from runtime.facts import DeadLettered, DeliveryBegun, EventPublished
from runtime.resilience.poison import KILL_LIMIT, VANISH_LIMIT
from runtime.semconv import DeadLetterReason, DeliveryOutcome, NodeKind, SpanVerb, span_name
from runtime.testing import Recorder
from tests.contract.made import TRACE
from tests.contract.made import event as made_event
from tests.runtime.worker.bench import (
    CHANNEL,
    NAME,
    ONCE,
    QUICK,
    STREAM,
    WELL,
    End,
    HandlerBench,
    Parcel,
    count,
    counts,
)
from tests.waiting import until


async def test_an_attempt_is_told_with_all_that_it_stood_on(handling: HandlerBench, facts: Recorder):
    """The whole fact; an attempt that failed has read and judged, but written nothing."""

    @handling.work(retry=QUICK, agent="courier", breaker=Breaker("carrier"))
    async def work(parcel: Parcel, ctx: Context) -> None:
        await ctx.state.get("route")
        ctx.state.put("seen", True)
        ctx.score(True)
        if ctx.attempt == 1:
            raise OSError("no route")

    async with handling.app as app:
        event = await app.publish(CHANNEL, Parcel(7), subject="parcel-7")
        await count(app, done=1)
    (published,) = facts.of(EventPublished)
    delivery = identity.delivery_id(event, NAME, 0)
    assert replace(facts.attempts[0].begun, at_ns=0) == DeliveryBegun(
        node_id=delivery,
        kind=NodeKind.DELIVERY,
        causation_id=event,
        correlation_id=published.correlation_id,
        agent="courier",
        subject="parcel-7",
        span=published.span.child(delivery, span_name(SpanVerb.PROCESS, CHANNEL)),
        parent=published.span,
        links=(published.span,),
        at_ns=0,
        channel=CHANNEL,
        group=NAME,
        event_id=event,
        round=0,
        attempt=1,
        breaker="carrier",
    )
    assert facts.attempts[1].begun.links == (published.span, facts.attempts[0].begun.span)
    ended = [one.ended for one in facts.attempts if one.ended]
    assert [(one.keys_read, one.keys_written, len(one.scores)) for one in ended] == [
        (("route",), (), 1),
        (("route",), ("seen",), 1),
    ]


async def test_a_delivery_that_is_given_up_is_a_dead_letter_with_all_its_attempts(
    handling: HandlerBench, facts: Recorder
):
    """The whole fact is told."""

    @handling.work(retry=QUICK, agent="courier")
    async def work(parcel: Parcel, ctx: Context) -> None:
        raise OSError(f"no route {ctx.attempt}")

    async with handling.app as app:
        event = await app.publish(CHANNEL, Parcel(7), subject="parcel-7")
        letter = await handling.letter()
    assert (letter.reason, letter.attempts, letter.message) == (DeadLetterReason.MAX_ATTEMPTS, 3, "no route 3")
    assert [(one.attempt, one.message) for one in letter.history] == [(n, f"no route {n}") for n in (1, 2, 3)]
    assert all("raise OSError" in one.traceback and one.ended_ms for one in letter.history)
    last = facts.attempts[-1].begun
    assert facts.of(DeadLettered) == [
        DeadLettered(
            node_id=letter.id,
            kind=NodeKind.DEAD_LETTER,
            causation_id=identity.delivery_id(event, NAME, 0),
            correlation_id=last.correlation_id,
            agent="courier",
            subject="parcel-7",
            span=last.span.child(letter.id, span_name(SpanVerb.DEAD_LETTER, CHANNEL)),
            parent=last.span,
            at_ns=letter.dead_ms * 1_000_000,
            channel=CHANNEL,
            group=NAME,
            event_id=event,
            round=0,
            reason=DeadLetterReason.MAX_ATTEMPTS,
            attempts=3,
            error_type="OSError",
        )
    ]


@pytest.mark.parametrize(
    ("retry", "error", "reason"),
    [
        (ONCE, OSError("no route"), DeadLetterReason.MAX_ATTEMPTS),
        (Retry(attempts=1, max_elapsed=0), OSError("no route"), DeadLetterReason.MAX_ATTEMPTS),
        (Retry(attempts=9, max_elapsed=0), OSError("no route"), DeadLetterReason.EXPIRED),
        (QUICK, NonRetryableError("no bank"), DeadLetterReason.NON_RETRYABLE),
    ],
)
async def test_a_letter_says_why_it_is_dead(
    handling: HandlerBench, facts: Recorder, retry: Retry, error: Exception, reason: DeadLetterReason
):
    """A last attempt that ends late is still the last of its attempts: more time would have changed nothing."""

    @handling.work(retry=retry)
    async def work() -> None:
        raise error

    async with handling.app:
        await handling.begin()
        letter = await handling.letter()
    assert (letter.reason, letter.attempts) == (reason, 1)
    assert [told.reason for told in facts.of(DeadLettered)] == [reason]


@pytest.mark.parametrize("sampled", [True, False])
async def test_a_delivery_hours_after_its_publish_begins_a_trace_of_its_own(
    handling: HandlerBench, facts: Recorder, sampled: bool
):
    """Linked to the publish, kept or not as its correlation is; one that is less late, or does not say when it was
    published, joins the publish's trace."""
    publish = replace(TRACE, sampled=sampled)
    handling.work()(lambda: None)
    now = time.time_ns()
    late = made_event(1, CHANNEL, trace=publish, time_ns=now - 7200 * 10**9)
    soon = made_event(2, CHANNEL, trace=publish, time_ns=now - 1800 * 10**9)
    untold = made_event(3, CHANNEL, trace=publish, time_ns=0)
    async with handling.app as app:
        for event in (late, soon, untold):
            await app.session.bus.publish(event)
        await count(app, done=3)
    told = {one.event_id: one for one in facts.of(DeliveryBegun)}
    alone, joined = told[late.id], told[soon.id]
    assert alone.span.trace_id != publish.trace_id
    assert (alone.parent, alone.links, alone.span.sampled) == (None, (publish,), sampled)
    name = span_name(SpanVerb.PROCESS, CHANNEL)
    assert alone.span.span_id == identity.span_id(identity.delivery_id(late.id, NAME, 0), name, 1)
    for one in (joined, told[untold.id]):
        assert (one.span.trace_id, one.parent, one.links) == (publish.trace_id, publish, (publish,))


@pytest.mark.parametrize(("loss", "limit"), [("killed", KILL_LIMIT), ("vanished", VANISH_LIMIT)])
async def test_a_delivery_that_kills_its_cells_goes_dead_without_another_attempt(
    handling: HandlerBench, facts: Recorder, loss: Any, limit: int
):
    """It was alone each time, so nothing else can have killed them; the death hangs below the last attempt. Another,
    with one death less, is tried once more."""
    seen: list[int] = []

    @handling.work()
    async def work(order: int) -> None:
        seen.append(order)

    async with handling.app.client():
        for order, deaths in ((1, limit), (2, limit - 1)):
            event = await handling.begin(order)
            await handling.takes(f"{order}-0")
            await handling.loses(f"{order}-0", "lost")
            for number in range(1, deaths + 1):
                delivery = await isolated(handling, f"{order}-{number}", event)
                await handling.loses(f"{order}-{number}", loss)
        async with handling.app:
            assert [await handling.ended(one) for one in (0, 1)] == [End(ok=False), WELL]
            letter = await handling.letter()
    assert seen == [2]
    assert (letter.reason, letter.attempts) == (DeadLetterReason.POISON, limit + 1)
    (told,) = facts.of(DeadLettered)
    assert (told.node_id, told.reason, told.error_type) == (letter.id, DeadLetterReason.POISON, "PoisonError")
    last = identity.span_id(letter.delivery_id, span_name(SpanVerb.PROCESS, CHANNEL), limit + 1)
    assert told.parent is not None
    assert told.parent.span_id == last
    assert delivery.id != letter.delivery_id


async def isolated(handling: HandlerBench, consumer: str, event: Any) -> Any:
    """What waits for a cell and is of an event, taken by `consumer` and begun."""
    bus = handling.app.session.bus
    suspects = await bus.suspects(CHANNEL, NAME, 10)
    delivery = next(one.delivery for one in suspects if one.delivery.event_id == event)
    assert await bus.claim(delivery, consumer)
    await bus.begin(delivery, consumer, TRACE.trace_id, isolated=True, kills=1000, vanishings=1000)
    return delivery


async def test_one_group_failing_leaves_the_others_alone(handling: HandlerBench):
    """Choreography: nobody waits for anybody."""
    seen: list[int] = []

    @handling.work(retry=ONCE)
    async def work() -> None:
        raise OSError("no route")

    @handling.app.subscribe(CHANNEL, group="billing")
    async def bill(order: int) -> None:
        seen.append(order)

    async with handling.app as app:
        for number in range(5):
            await handling.begin(number)
        await until(lambda: len(seen) == 5)
        await count(app, dead=5)
        assert await counts(app, "billing") == {"owed": 5, "done": 5}


async def test_a_copy_of_an_event_is_told_as_a_duplicate_with_a_span_of_its_own(
    handling: HandlerBench, facts: Recorder
):
    """The span of the attempt that did the work must not be overwritten by it."""
    seen: list[int] = []

    @handling.work()
    async def work(order: int) -> None:
        seen.append(order)

    async with handling.app as app:
        await handling.begin()
        await count(app, done=1)
        server = app.session.server.client
        [(_, fields)] = await server.xrange(STREAM)
        await server.xadd(STREAM, {"e": fields[b"e"]})
        await count(app, done=2)
    assert seen == [7]
    ends = [one.ended.outcome for one in facts.attempts if one.ended]
    assert sorted(ends) == [DeliveryOutcome.DUPLICATE, DeliveryOutcome.OK]
    assert len({one.span.span_id for one in facts.of(DeliveryBegun)}) == 2


async def test_a_replayed_delivery_begins_a_trace_of_its_own(handling: HandlerBench, facts: Recorder):
    """Caused by the replay, and linked to it."""
    broken = [True]

    @handling.work(retry=ONCE)
    async def work() -> None:
        if broken:
            raise OSError("no route")

    async with handling.app as app:
        await handling.begin()
        letter = await handling.letter()
        broken.clear()
        trace = TraceContext(TRACE.trace_id + 1, 0xEE)
        assert (await handling.letters.replay(letter, "ann", trace)).status == "replayed"
        await count(app, done=1)
    again = facts.attempts[-1].begun
    assert isinstance(again, DeliveryBegun)
    assert (again.causation_id, again.round) == (identity.replay_id(letter.id), 1)
    assert (again.parent, again.attempt) == (None, 1)
    assert trace in again.links


async def test_a_handler_that_returns_a_coroutine_has_failed(handling: HandlerBench):
    """Somebody forgot to await it: none of it has run, and the event would count as done."""

    async def tell(order: int) -> None: ...

    @handling.work(retry=ONCE)
    async def work(order: int) -> Any:
        return tell(order)

    async with handling.app:
        await handling.begin()
        end = await handling.ended()
    assert end == End(
        ok=False,
        error_type="DefinitionError",
        message=f"the handler of group {NAME} returned a coroutine that did not run: await it",
    )
