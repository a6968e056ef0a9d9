"""How a delivery ends: done, tried again, dead; never in a loop, never lost."""

import asyncio
import functools
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any

import pytest
import redis
from pydantic import AfterValidator
from redis.asyncio import Redis
from runtime.worker.isolation import DEATH_LIMIT

from runtime import App, Breaker, Context, Event, NonRetryableError, Retry
from runtime.bus.keys import ChannelKeys
from runtime.bus.records import DeadLetter
from runtime.causality import identity
from runtime.causality.trace_context import TraceContext
from runtime.dead_letters.letters import DeadLetters, LetterFilter
from runtime.errors import DefinitionError
from runtime.facts import DeadLettered, DeliveryBegun, EventPublished
from runtime.semconv import DeadLetterReason, DeliveryOutcome, NodeKind, SpanVerb, span_name
from runtime.settings import Settings
from runtime.testing import Recorder
from tests.contract.made import TRACE
from tests.contract.made import event as made_event
from tests.runtime.outages import Outage
from tests.waiting import until

QUICK = Retry(attempts=3, first_delay=0, max_delay=0)


@dataclass
class Parcel:
    parcel: int


async def letters(app: App) -> list[DeadLetter]:
    """The dead letters, as soon as there is one."""

    async def found() -> list[DeadLetter]:
        page = await DeadLetters(app.session.server.client).page(LetterFilter(), 10, None)
        return list(page.items)

    listed = await until(found)
    whole = [await DeadLetters(app.session.server.client).get(letter.id) for letter in listed]
    return [letter for letter in whole if letter is not None]


async def counts(app: App, group: str, **expected: int) -> None:
    """Waits until a group's counters are what is expected; the others are zero."""

    async def reached() -> bool:
        raw: Any = await app.session.server.client.hgetall("causeline:1:{parcels.0}:n")
        values = {name.decode(): int(value) for name, value in raw.items()}
        names = ("done", "pending", "retrying", "dead", "discarded")
        return {name: values.get(f"{group}:{name}", 0) for name in names} == dict.fromkeys(names, 0) | expected

    await until(reached)


def outcomes(facts: Recorder) -> list[tuple[int, DeliveryOutcome | None]]:
    return [(one.begun.attempt, one.ended.outcome if one.ended else None) for one in facts.attempts]  # type: ignore[misc]


async def test_a_handler_that_fails_is_tried_again(settings: Settings, facts: Recorder):
    """Then it succeeds; every attempt is told, and linked to the one before."""
    app = App("logistics", settings=settings)

    @app.subscribe("parcels", retry=QUICK)
    async def sms(parcel: Parcel, ctx: Context) -> None:
        if ctx.attempt < 3:
            raise OSError("no route")

    async with app:
        await app.publish("parcels", Parcel(7))
        await counts(app, "sms", done=1)
    assert outcomes(facts) == [(1, DeliveryOutcome.RETRY), (2, DeliveryOutcome.RETRY), (3, DeliveryOutcome.OK)]
    begun = [one.begun for one in facts.attempts]
    (published,) = facts.of(EventPublished)
    assert [one.links for one in begun] == [
        (published.span,),
        (published.span, begun[0].span),
        (published.span, begun[1].span),
    ]
    assert {one.parent for one in begun} == {published.span}
    assert len({one.node_id for one in begun}) == 1


async def test_an_attempt_is_told_with_all_that_it_stood_on(settings: Settings, facts: Recorder):
    """The whole fact; an attempt that failed has read and judged, but written nothing."""
    app = App("logistics", settings=settings)

    @app.subscribe("parcels", retry=QUICK, agent="courier", breaker=Breaker("carrier"))
    async def sms(parcel: Parcel, ctx: Context) -> None:
        await ctx.state.get("route")
        ctx.state.put("seen", True)
        ctx.score(True)
        if ctx.attempt == 1:
            raise OSError("no route")

    async with app:
        event = await app.publish("parcels", Parcel(7), subject="parcel-7")
        await counts(app, "sms", done=1)
    (published,) = facts.of(EventPublished)
    delivery = identity.delivery_id(event, "sms", 0)
    assert replace(facts.attempts[0].begun, at_ns=0) == DeliveryBegun(
        node_id=delivery,
        kind=NodeKind.DELIVERY,
        causation_id=event,
        correlation_id=published.correlation_id,
        agent="courier",
        subject="parcel-7",
        span=published.span.child(delivery, span_name(SpanVerb.PROCESS, "parcels")),
        parent=published.span,
        links=(published.span,),
        at_ns=0,
        channel="parcels",
        group="sms",
        event_id=event,
        round=0,
        attempt=1,
        breaker="carrier",
    )
    ended = [one.ended for one in facts.attempts if one.ended]
    assert [(one.keys_read, one.keys_written, len(one.scores)) for one in ended] == [
        (("route",), (), 1),
        (("route",), ("seen",), 1),
    ]


async def test_what_a_handler_publishes_is_carried_by_its_own_worker(
    settings: Settings, facts: Recorder, monkeypatch: pytest.MonkeyPatch
):
    """At once; those who tidy up behind the dead would come seconds later."""
    monkeypatch.setattr("runtime.worker.loops.ORPHAN_MS", 60_000)
    app = App("logistics", settings=settings)

    @app.subscribe("parcels")
    async def sms(ctx: Context) -> None:
        ctx.publish("noted", 1)

    async with app:
        await app.publish("parcels", 1)
    assert [one.channel for one in facts.of(EventPublished)] == ["parcels", "noted"]


async def test_a_handler_that_has_ended_can_ask_for_nothing_more(settings: Settings, facts: Recorder):
    """What it left running behind is told so, instead of being lost without a word."""
    app, kept = App("logistics", settings=settings), []

    @app.subscribe("parcels")
    async def sms(ctx: Context) -> None:
        kept.append(ctx)

    async with app:
        await app.publish("parcels", 1)
        await until(lambda: [one for one in facts.attempts if one.ended])
        with pytest.raises(DefinitionError, match="the attempt has ended"):
            kept[0].publish("noted", 1)


async def test_a_handler_that_keeps_failing_goes_dead(settings: Settings, facts: Recorder):
    """With every attempt's error; the whole fact is told."""
    app = App("logistics", settings=settings)

    @app.subscribe("parcels", retry=QUICK, agent="courier")
    async def sms(parcel: Parcel, ctx: Context) -> None:
        raise OSError(f"no route {ctx.attempt}")

    async with app:
        event = await app.publish("parcels", Parcel(7), subject="parcel-7")
        (letter,) = await letters(app)
    assert (letter.reason, letter.attempts, letter.message) == (DeadLetterReason.MAX_ATTEMPTS, 3, "no route 3")
    assert [(one.attempt, one.message) for one in letter.history] == [(n, f"no route {n}") for n in (1, 2, 3)]
    assert all("raise OSError" in one.traceback and one.ended_ms for one in letter.history)
    last = facts.attempts[-1].begun
    delivery = identity.delivery_id(event, "sms", 0)
    assert facts.of(DeadLettered) == [
        DeadLettered(
            node_id=letter.id,
            kind=NodeKind.DEAD_LETTER,
            causation_id=delivery,
            correlation_id=last.correlation_id,
            agent="courier",
            subject="parcel-7",
            span=last.span.child(letter.id, span_name(SpanVerb.DEAD_LETTER, "parcels")),
            parent=last.span,
            at_ns=letter.dead_ms * 1_000_000,
            channel="parcels",
            group="sms",
            event_id=event,
            round=0,
            reason=DeadLetterReason.MAX_ATTEMPTS,
            attempts=3,
            error_type="OSError",
        )
    ]


@pytest.mark.parametrize("sampled", [True, False])
async def test_a_delivery_hours_after_its_publish_begins_a_trace_of_its_own(
    settings: Settings, facts: Recorder, sampled: bool
):
    """Linked to the publish, kept or not as its correlation is; one that is less late, or does not say when it was
    published, joins the publish's trace."""
    app, publish = App("logistics", settings=settings), replace(TRACE, sampled=sampled)
    app.subscribe("parcels", group="sms")(lambda: None)
    now = time.time_ns()
    late = made_event(1, "parcels", trace=publish, time_ns=now - 7200 * 10**9)
    soon = made_event(2, "parcels", trace=publish, time_ns=now - 1800 * 10**9)
    untold = made_event(3, "parcels", trace=publish, time_ns=0)
    async with app:
        for event in (late, soon, untold):
            await app.session.bus.publish(event)
        await counts(app, "sms", done=3)
    told = {one.event_id: one for one in facts.of(DeliveryBegun)}
    alone, joined = told[late.id], told[soon.id]
    assert alone.span.trace_id != publish.trace_id
    assert (alone.parent, alone.links, alone.span.sampled) == (None, (publish,), sampled)
    name = span_name(SpanVerb.PROCESS, "parcels")
    assert alone.span.span_id == identity.span_id(identity.delivery_id(late.id, "sms", 0), name, 1)
    for one in (joined, told[untold.id]):
        assert (one.span.trace_id, one.parent, one.links) == (publish.trace_id, publish, (publish,))


@pytest.mark.parametrize("ratio", [0.0, 1.0])
async def test_an_event_from_elsewhere_without_a_trace_is_sampled_by_our_ratio(
    settings: Settings, facts: Recorder, ratio: float
):
    """Nobody else has decided; its delivery begins the trace."""
    app = App("logistics", settings=settings.model_copy(update={"sample_ratio": ratio}))
    app.subscribe("parcels", group="sms")(lambda: None)
    async with app:
        foreign = json.dumps({"id": "1", "source": "s", "data": 7})
        await app.session.server.client.xadd("causeline:1:{parcels.0}:s", {"e": foreign})
        await counts(app, "sms", done=1)
    (begun,) = facts.of(DeliveryBegun)
    assert (begun.span.sampled, begun.parent, begun.links) == (ratio == 1.0, None, ())


async def test_an_error_that_trying_again_can_not_help_goes_dead_at_once(settings: Settings, facts: Recorder):
    """Ours, or one that the policy names."""
    app = App("logistics", settings=settings)

    @app.subscribe("parcels")
    async def sms() -> None:
        raise NonRetryableError("no such number")

    @app.subscribe("parcels", retry=Retry(non_retryable=(KeyError,)))
    async def billing() -> None:
        raise KeyError("bank")

    async with app:
        await app.publish("parcels", 1)
        await counts(app, "sms", dead=1)
        await counts(app, "billing", dead=1)
        found = await letters(app)
    assert {(one.group, one.reason, one.attempts) for one in found} == {
        ("sms", DeadLetterReason.NON_RETRYABLE, 1),
        ("billing", DeadLetterReason.NON_RETRYABLE, 1),
    }


async def test_time_that_an_attempt_took_counts_towards_its_limit(settings: Settings, facts: Recorder):
    """A first attempt that outlasts `max_elapsed` is the last one; the letter says that it was time that ran out."""
    app = App("logistics", settings=settings)

    @app.subscribe("parcels", retry=Retry(attempts=99, first_delay=0, max_elapsed=0.05), timeout=0.1)
    async def sms() -> None:
        await until(lambda: False)

    async with app:
        await app.publish("parcels", 1)
        await counts(app, "sms", dead=1)
        (letter,) = await letters(app)
    assert len(facts.attempts) == 1
    assert (letter.reason, letter.attempts) == (DeadLetterReason.EXPIRED, 1)
    assert letter.message == "group sms took longer than its timeout of 0.1 s"
    assert [told.reason for told in facts.of(DeadLettered)] == [DeadLetterReason.EXPIRED]


async def test_time_between_attempts_counts_towards_their_limit(settings: Settings, facts: Recorder):
    """It runs from the first attempt on; each of them alone is quick."""
    app = App("logistics", settings=settings)

    @app.subscribe("parcels", retry=Retry(attempts=99, first_delay=0.05, max_delay=0.05, max_elapsed=0.2))
    async def sms() -> None:
        raise OSError("no route")

    async with app:
        await app.publish("parcels", 1)
        (letter,) = await letters(app)
    assert letter.reason is DeadLetterReason.EXPIRED
    assert letter.attempts < 99


async def test_a_last_attempt_that_ends_late_is_still_the_last_of_its_attempts(settings: Settings, facts: Recorder):
    """More time would have changed nothing."""
    app = App("logistics", settings=settings)

    @app.subscribe("parcels", retry=Retry(attempts=1, max_elapsed=0))
    async def sms() -> None:
        raise OSError("no route")

    async with app:
        await app.publish("parcels", 1)
        (letter,) = await letters(app)
    assert letter.reason is DeadLetterReason.MAX_ATTEMPTS


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            json.dumps({"id": "1", "source": "s", "data": {"parcel": "seven"}}),
            "Input should be a valid integer",
        ),
        ("no JSON at all", "is no CloudEvents envelope"),
        (b"\xff\xfe\x00", "is no CloudEvents envelope"),
        ("[" * 50_000, "is no CloudEvents envelope"),
        ('{"id": "\\ud800", "source": "s"}', "is no CloudEvents envelope"),
        ('{"id": "1", "source": "s", "subject": "\\ud800", "data": "\\ud800"}', "does not fit what sms asks for"),
    ],
    ids=["wrong type", "no JSON", "no text", "deep", "half an id", "half a subject"],
)
async def test_what_can_not_be_read_goes_dead_and_stands_in_nobodys_way(
    settings: Settings, facts: Recorder, raw: Any, message: str
):
    """At once, saying why; the next event is delivered, and the handler never saw the bad one."""
    app, seen = App("logistics", settings=settings), []

    @app.subscribe("parcels")
    async def sms(event: Event[Parcel]) -> None:
        seen.append(event.data)

    async with app:
        await app.session.server.client.xadd("causeline:1:{parcels.0}:s", {"e": raw})
        await app.publish("parcels", Parcel(7))
        await until(lambda: seen)
        (letter,) = await letters(app)
        await counts(app, "sms", done=1, dead=1)
    assert seen == [Parcel(7)]
    assert (letter.reason, letter.attempts, letter.error_type) == (DeadLetterReason.UNDECODABLE, 1, "UndecodableError")
    assert message in letter.message


async def test_an_entry_without_anything_goes_dead(settings: Settings, facts: Recorder):
    """Somebody else wrote to our stream."""
    app = App("logistics", settings=settings)
    app.subscribe("parcels", group="sms")(lambda: None)
    async with app:
        await app.session.server.client.xadd("causeline:1:{parcels.0}:s", {"unknown": "field"})
        (letter,) = await letters(app)
        await counts(app, "sms", dead=1)
    assert (letter.reason, letter.envelope) == (DeadLetterReason.UNDECODABLE, "")


async def test_an_error_that_no_text_can_hold_is_written_down_all_the_same(settings: Settings, facts: Recorder):
    """Half a character in its words must not make the delivery immortal."""
    app = App("logistics", settings=settings)

    @app.subscribe("parcels", retry=Retry(attempts=1))
    async def sms() -> None:
        raise OSError("model said \ud83d")

    async with app:
        await app.publish("parcels", 1)
        (letter,) = await letters(app)
    assert letter.message == "model said ?"


async def test_while_its_breaker_is_open_work_waits_without_using_up_attempts(settings: Settings, facts: Recorder):
    """Two failures open it; what waits meanwhile goes through when it closes."""
    app, down, seen = App("logistics", settings=settings), [True], []

    @app.subscribe("parcels", retry=Retry(attempts=30, first_delay=0), breaker=Breaker("carrier", 2, cooldown=0.5))
    async def sms(parcel: int, ctx: Context) -> None:
        if down[0]:
            raise OSError("carrier is down")
        seen.append((parcel, ctx.attempt))

    async with app:
        first = await app.publish("parcels", 1)
        await until(lambda: len(facts.attempts) == 2)
        await app.publish("parcels", 2)
        await counts(app, "sms", retrying=2)
        assert [(one.attempt, one.event_id == first) for one in facts.of(DeliveryBegun)] == [(1, True), (2, True)]
        down[0] = False
        await counts(app, "sms", done=2)
    assert sorted(seen) == [(1, 3), (2, 1)]


async def test_a_success_starts_the_count_of_failures_anew(settings: Settings, facts: Recorder):
    """Three deliveries each fail once and then succeed; two failures in a row would have opened the breaker."""
    app = App("logistics", settings=settings)

    @app.subscribe("parcels", retry=QUICK, breaker=Breaker("carrier", 2, cooldown=60))
    async def sms(ctx: Context) -> None:
        if ctx.attempt == 1:
            raise OSError("no route")

    async with app:
        for number in (1, 2, 3):
            await app.publish("parcels", number)
            await counts(app, "sms", done=number)


async def test_what_can_not_be_read_does_not_open_a_breaker(settings: Settings, facts: Recorder):
    """It says nothing about the service behind it."""
    app, seen = App("logistics", settings=settings), []

    @app.subscribe("parcels", breaker=Breaker("carrier", 1, cooldown=60))
    async def sms(parcel: Parcel) -> None:
        seen.append(parcel)

    async with app:
        await app.publish("parcels", "not a parcel")
        await letters(app)
        await app.publish("parcels", Parcel(1))
        await until(lambda: seen)


@pytest.mark.parametrize("error", [None, OSError("no route"), NonRetryableError("no such number")])
async def test_an_attempt_that_lost_its_delivery_to_another_worker_is_told_as_stale(
    settings: Settings, facts: Recorder, error: Exception | None
):
    """Whether it would have been done, tried again or dead: it changes nothing, and the other's settlement holds."""
    app = App("logistics", settings=settings.model_copy(update={"lease": 60}))
    go_on = asyncio.Event()

    @app.subscribe("parcels", retry=QUICK)
    async def sms(parcel: int, ctx: Context) -> None:
        ctx.publish("noted", parcel)
        await go_on.wait()
        if error:
            raise error

    async with app:
        await app.publish("parcels", 1)
        attempt = (await until(lambda: facts.attempts))[0]
        bus = app.session.bus
        (taken,) = await bus.reclaim("parcels", "sms", "another", 0, 1)
        go_on.set()
        ended = await until(lambda: attempt.ended)
        await counts(app, "sms", pending=1)
        assert await bus.ack(taken, "another", [], {}) == []
        await counts(app, "sms", done=1)
        assert await app.session.server.client.exists("causeline:1:{parcels.0}:out", "causeline:1:{noted.0}:s") == 0
    assert (ended.outcome, ended.error and ended.error.type) == (
        DeliveryOutcome.STALE,
        type(error).__name__ if error else None,
    )
    assert (len(facts.attempts), facts.of(DeadLettered)) == (1, [])


async def test_a_delivery_that_kills_its_workers_goes_dead_without_another_attempt(settings: Settings, facts: Recorder):
    """It ran alone each time, so nothing else can have killed them; the death hangs below the last attempt."""
    app, seen = App("logistics", settings=settings), []

    @app.subscribe("parcels")
    async def sms(parcel: int) -> None:
        seen.append(parcel)

    async with app.client():
        await app.publish("parcels", 1)
        bus, server = app.session.bus, app.session.server.client
        (delivery,) = await bus.read("parcels", "sms", "dead-0", 1, 20)
        for number in range(DEATH_LIMIT):
            await bus.begin(delivery, f"dead-{number}", TRACE.trace_id, solo=True, death_limit=DEATH_LIMIT)
            (delivery,) = await bus.reclaim("parcels", "sms", f"dead-{number + 1}", 0, 1)
        await server.xclaim("causeline:1:{parcels.0}:s", "sms", "dead", 0, [delivery.entry], idle=60_000)
    async with app:
        (letter,) = await letters(app)
    assert (seen, facts.attempts) == ([], ())
    assert (letter.reason, letter.attempts) == (DeadLetterReason.POISON, DEATH_LIMIT)
    (told,) = facts.of(DeadLettered)
    last = identity.span_id(delivery.id, span_name(SpanVerb.PROCESS, "parcels"), DEATH_LIMIT)
    assert (told.node_id, told.reason, told.error_type) == (letter.id, DeadLetterReason.POISON, "PoisonError")
    assert told.parent == TraceContext(TRACE.trace_id, last)


async def test_one_group_failing_leaves_the_others_alone(settings: Settings, facts: Recorder):
    """Choreography: nobody waits for anybody."""
    app, seen = App("logistics", settings=settings), []

    @app.subscribe("parcels", retry=Retry(attempts=1))
    async def sms() -> None:
        raise OSError("no route")

    @app.subscribe("parcels")
    async def billing(parcel: int) -> None:
        seen.append(parcel)

    async with app:
        for number in range(5):
            await app.publish("parcels", number)
        await counts(app, "billing", done=5)
        await counts(app, "sms", dead=5)
    assert sorted(seen) == [0, 1, 2, 3, 4]


async def test_a_copy_of_an_event_is_told_as_a_duplicate_with_a_span_of_its_own(settings: Settings, facts: Recorder):
    """The span of the attempt that did the work must not be overwritten by it."""
    app, seen = App("logistics", settings=settings), []

    @app.subscribe("parcels")
    async def sms(parcel: int) -> None:
        seen.append(parcel)

    async with app:
        await app.publish("parcels", 7)
        await counts(app, "sms", done=1)
        server = app.session.server.client
        [(_, fields)] = await server.xrange("causeline:1:{parcels.0}:s")
        await server.xadd("causeline:1:{parcels.0}:s", {"e": fields[b"e"]})
        await counts(app, "sms", done=2)
    assert seen == [7]
    assert sorted(one[1] or "" for one in outcomes(facts)) == [DeliveryOutcome.DUPLICATE, DeliveryOutcome.OK]
    assert len({one.span.span_id for one in facts.of(DeliveryBegun)}) == 2


async def test_an_async_handler_behind_a_plain_decorator_is_awaited(settings: Settings, facts: Recorder):
    """An event that was never handled must not count as done."""
    app, seen = App("logistics", settings=settings), []

    def timed(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def inner(**arguments: Any) -> Any:
            return function(**arguments)

        return inner

    @app.subscribe("parcels", retry=QUICK)
    @timed
    async def sms(parcel: Parcel, ctx: Context) -> None:
        await asyncio.sleep(0)
        if ctx.attempt == 1:
            raise OSError("no route")
        seen.append(parcel)

    async with app:
        await app.publish("parcels", Parcel(7))
        await counts(app, "sms", done=1)
    assert seen == [Parcel(7)]
    assert outcomes(facts) == [(1, DeliveryOutcome.RETRY), (2, DeliveryOutcome.OK)]


class SpeechlessError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def unknown(value: int) -> int:
    raise KeyError(value)


async def test_an_error_without_words_goes_dead_like_any_other(settings: Settings, facts: Recorder):
    """It must not take the engine along."""
    app = App("logistics", settings=settings)

    @app.subscribe("parcels", retry=QUICK)
    def sms() -> None:
        raise SpeechlessError

    async with app:
        await app.publish("parcels", 1)
        (letter,) = await letters(app)
    assert (letter.reason, letter.attempts) == (DeadLetterReason.MAX_ATTEMPTS, 3)
    assert (letter.error_type, letter.message) == ("SpeechlessError", "<exception str() failed>")


async def test_a_payload_that_its_types_own_code_fails_on_goes_dead_at_once(settings: Settings, facts: Recorder):
    """As undecodable; the letter says what a validator raised, and where."""
    app = App("logistics", settings=settings)

    @app.subscribe("parcels", group="sms")
    async def sms(parcel: Annotated[int, AfterValidator(unknown)]) -> None: ...

    async with app:
        await app.publish("parcels", 7)
        (letter,) = await letters(app)
    assert (letter.reason, letter.attempts) == (DeadLetterReason.UNDECODABLE, 1)
    assert letter.message.endswith("can't be read into what sms asks for: KeyError: 7")
    assert "raise KeyError(value)" in letter.history[0].traceback


async def test_an_event_from_the_last_moment_of_all_is_delivered(settings: Settings, facts: Recorder):
    """Many a system writes that for "never"."""
    app, seen = App("logistics", settings=settings), []

    @app.subscribe("parcels", group="sms")
    async def sms(event: Event[int]) -> None:
        seen.append(event.time.year)

    foreign = {"specversion": "1.0", "id": "1", "source": "shop", "time": "9999-12-31T23:59:59.9999999Z", "data": 7}
    async with app:
        await app.session.server.client.xadd("causeline:1:{parcels.0}:s", {"e": json.dumps(foreign)})
        await counts(app, "sms", done=1)
    assert seen == [9999]


async def test_what_a_handler_asks_of_the_server_and_can_not_be_is_its_own_failure(settings: Settings, facts: Recorder):
    """A key that is no text is refused, however often it is tried."""
    app = App("logistics", settings=settings)

    @app.subscribe("parcels", retry=QUICK)
    async def sms(ctx: Context) -> None:
        ctx.state.put(None, 1)  # type: ignore[arg-type]

    async with app:
        await app.publish("parcels", 1)
        (letter,) = await letters(app)
    assert (letter.reason, letter.attempts, letter.error_type) == (DeadLetterReason.MAX_ATTEMPTS, 3, "DataError")


async def test_a_fault_of_the_engine_itself_is_a_failed_attempt(
    settings: Settings, facts: Recorder, monkeypatch: pytest.MonkeyPatch
):
    """It must end somewhere, with its own words, and not as a worker that died."""
    app = App("logistics", settings=settings)
    app.subscribe("parcels", group="sms", retry=QUICK)(lambda: None)

    def fails(begun: object) -> None:
        raise LookupError("nobody thought of it")

    monkeypatch.setattr(facts, "open", fails)
    async with app:
        await app.publish("parcels", 1)
        (letter,) = await letters(app)
    assert (letter.reason, letter.attempts) == (DeadLetterReason.MAX_ATTEMPTS, 3)
    assert (letter.error_type, letter.message) == ("LookupError", "nobody thought of it")
    assert [told.reason for told in facts.of(DeadLettered)] == [DeadLetterReason.MAX_ATTEMPTS]


@pytest.fixture
def frugal(redis_url: str) -> Iterator[Callable[[int], None]]:
    """Sets how many bytes the server may use; 0 for as many as it likes."""
    with redis.Redis.from_url(redis_url) as server:
        yield lambda limit: server.config_set("maxmemory", limit)  # type: ignore[func-returns-value]
        server.config_set("maxmemory", 0)


@pytest.mark.parametrize("trouble", ["away", "full"])
async def test_an_outage_at_the_end_of_lone_work_is_not_taken_for_its_workers_death(
    settings: Settings,
    facts: Recorder,
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
    frugal: Callable[[int], None],
    trouble: str,
):
    """The worker lives: it says so as soon as the server answers, and the delivery is tried again."""
    monkeypatch.setattr("runtime.worker.outage.REST", 0.02)
    async with Outage(redis_url) as proxy:
        app, blame = App("logistics", settings=settings.model_copy(update={"redis_url": proxy.url})), []

        @app.subscribe("parcels", retry=Retry(attempts=1))
        async def sms(ctx: Context) -> None:
            async with Redis.from_url(redis_url) as server:
                key = ChannelKeys("parcels").delivery("sms", ctx.node_id)
                blame.append(await server.hmget(key, ["solo", "deaths"]))
            if len(blame) == 1:
                await (proxy.go_away() if trouble == "away" else asyncio.to_thread(frugal, 1))

        async with app.client():
            await app.session.bus.subscribe("parcels", "sms", "{}")
            await app.publish("parcels", 1)
            assert await app.session.bus.read("parcels", "sms", "dead-worker", 1, 10)
        async with app:
            attempt = (await until(lambda: facts.attempts))[0]
            await until(lambda: attempt.ended)
            await (proxy.come_back() if trouble == "away" else asyncio.to_thread(frugal, 0))
            await counts(app, "sms", done=1)
    assert blame == [[b"1", None], [b"0", None]]
