"""Runs one delivery: begins an attempt, calls the handler, acknowledges, books a retry, or buries it."""

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from runtime.bus.contract import Begun, Bus, Delivery, OutboxEntry
from runtime.bus.keys import ChannelKeys
from runtime.bus.records import AttemptRecord
from runtime.causality import identity
from runtime.causality.sampling import keeps
from runtime.causality.trace_context import TraceContext
from runtime.clock import Clock
from runtime.dead_letters.reports import LetterNews
from runtime.dead_letters.unconfirmed import Untold
from runtime.definitions.context import Buffer, Context, Position, open_context
from runtime.definitions.subscription import Subscription
from runtime.errors import UndecodableError
from runtime.facts import AttemptEnded, DeliveryBegun, ErrorInfo, Observer, OpenAttempt
from runtime.outbox.relay import Relay
from runtime.resilience.breaker import Breakers, recovery_delay
from runtime.semconv import DeadLetterReason, DeliveryOutcome, NodeKind, SpanVerb, span_name
from runtime.worker.heartbeat import Heartbeat, Held
from runtime.worker.invoke import invoke
from runtime.worker.isolation import DEATH_LIMIT, SoloGate
from runtime.worker.outage import is_outage, until_answered

_log = logging.getLogger("causeline.worker")

#: A delivery that begins later than this after its publish, in ns, begins a trace of its own: a trace that stays open
#: for hours is of no use to anybody.
SAME_TRACE_NS: Final = 3600 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class Finish:
    """How an attempt went: its outcome, and what follows from it."""

    outcome: DeliveryOutcome
    error: BaseException | None = None
    entries: tuple[OutboxEntry, ...] = ()


class DeliveryEngine:
    """Runs deliveries of one subscription, in one worker."""

    def __init__(
        self,
        subscription: Subscription,
        *,
        app: str,
        consumer: str,
        bus: Bus,
        client: Redis,
        breakers: Breakers,
        relay: Relay,
        observer: Observer,
        news: LetterNews,
        heartbeat: Heartbeat,
        gate: SoloGate,
        clock: Clock,
        sample_ratio: float,
    ) -> None:
        self._subscription = subscription
        self._app = app
        self._consumer = consumer
        self._bus = bus
        self._client = client
        self._breakers = breakers
        self._relay = relay
        self._observer = observer
        self._news = news
        self._heartbeat = heartbeat
        self._gate = gate
        self._clock = clock
        self._sample_ratio = sample_ratio

    async def run(self, delivery: Delivery) -> None:
        """One attempt at a delivery, from begin to settlement. Nothing but a lost server, a stop of the worker or a
        fault of our own raises."""
        with self._heartbeat.hold(delivery) as held:
            try:
                async with self._gate.enter(_correlation(delivery), alone=delivery.reclaimed):
                    await self._enter(delivery, held)
            except asyncio.CancelledError:
                # The worker stops and can't wait: the next attempt is due at once, and this one is no death.
                await self._bus.postpone(delivery, self._consumer, 0)
                raise
            except RedisError:
                # This worker lives: it says so as soon as the server answers, or it would count as dead.
                await until_answered(lambda: self._bus.postpone(delivery, self._consumer, 0))
                raise

    async def _enter(self, delivery: Delivery, held: Held) -> None:
        wait_ms = await self._breakers.wait_ms(self._subscription.breaker)
        if wait_ms:
            await self._bus.postpone(delivery, self._consumer, recovery_delay(wait_ms))
        else:
            await self._begin(delivery, held)

    async def _begin(self, delivery: Delivery, held: Held) -> None:
        trace, parent = self._trace(delivery)
        begun = await self._bus.begin(
            delivery, self._consumer, trace.trace_id, solo=delivery.reclaimed, death_limit=DEATH_LIMIT
        )
        if begun.status == "poison":
            await self._poison(delivery, begun)
        elif begun.status == "ok":
            position = self._position(delivery, trace, begun.attempt)
            try:
                await self._attempt(delivery, begun, position, parent, held)
            except RedisError:
                raise
            except Exception as error:
                # Not the handler's fault, but it must end somewhere, with this error and no other.
                await self._follow(delivery, await self._failed(delivery, begun, position.span, error, 0.0))
                raise
        elif begun.status == "duplicate":
            position = self._position(delivery, trace, 1)
            # The attempt that did the work has the first span id already.
            own = trace.child(delivery.id, f"{DeliveryOutcome.DUPLICATE} {delivery.entry}")
            position = replace(position, span=own)
            attempt = self._observer.open(self._begun(delivery, begun, position, parent))
            attempt.end(AttemptEnded(outcome=DeliveryOutcome.DUPLICATE, ended_ns=self._clock.now_ns()))

    async def _attempt(
        self, delivery: Delivery, begun: Begun, position: Position, parent: TraceContext | None, held: Held
    ) -> None:
        attempt = held.attempt = self._observer.open(self._begun(delivery, begun, position, parent))
        context, buffer = open_context(
            position, self._read_state, attempt=begun.attempt, round_=delivery.round, event_id=delivery.event_id
        )
        finish = Finish(DeliveryOutcome.STALE)
        try:
            finish = await self._work(delivery, begun, attempt, context, buffer)
        finally:
            buffer.closed = True
            attempt.end(self._ended(buffer, finish))
        await self._follow(delivery, finish)

    async def _follow(self, delivery: Delivery, finish: Finish) -> None:
        if finish.outcome is DeliveryOutcome.DEAD_LETTER:
            await self._tell_death(delivery)
        await self._relay.carry(finish.entries)

    async def _work(
        self, delivery: Delivery, begun: Begun, attempt: OpenAttempt, context: Context, buffer: Buffer
    ) -> Finish:
        subscription, span, began = self._subscription, context.position.span, self._clock.monotonic()
        try:
            arguments = self._arguments(delivery, context)
        except UndecodableError as error:  # says nothing about what the breaker guards: the handler was not called
            return await self._failed(delivery, begun, span, error, 0.0)
        try:
            await invoke(
                subscription.function,
                arguments,
                what=f"group {subscription.group}",
                timeout=subscription.timeout,
                attempt=attempt,
                context=context,
            )
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever user code raises is an outcome
            await self._breakers.record(subscription.breaker, ok=False)
            took = self._clock.monotonic() - began
            return await self._failed(delivery, begun, span, error, took)
        await self._breakers.record(subscription.breaker, ok=True)
        try:
            return await self._ack(delivery, buffer)
        except Exception as error:
            if is_outage(error, begun.attempt - begun.fails):
                raise
            # What the handler asked for can't travel.
            return await self._failed(delivery, begun, span, error, self._clock.monotonic() - began)

    async def _ack(self, delivery: Delivery, buffer: Buffer) -> Finish:
        entries = await self._bus.ack(delivery, self._consumer, buffer.events, buffer.writes)
        if entries is None:
            return Finish(DeliveryOutcome.STALE)
        return Finish(DeliveryOutcome.OK, entries=tuple(entries))

    async def _failed(
        self, delivery: Delivery, begun: Begun, span: TraceContext, error: BaseException, took: float
    ) -> Finish:
        retry = self._subscription.retry
        record = self._record(delivery, begun, span, error)
        delay = None
        if not retry.forbids(error):
            delay = retry.delay(begun.fails + 1, (begun.started_ms - begun.first_ms) / 1000 + took)
        if delay is not None:
            booked = await self._bus.retry(delivery, self._consumer, record, int(delay * 1000))
            return Finish(DeliveryOutcome.RETRY if booked else DeliveryOutcome.STALE, error)
        reason = self._reason(error, begun.fails + 1)
        if not await self._bus.bury(delivery, self._consumer, record, reason, begun.attempt):
            return Finish(DeliveryOutcome.STALE, error)
        return Finish(DeliveryOutcome.DEAD_LETTER, error)

    async def _poison(self, delivery: Delivery, begun: Begun) -> None:
        if await self._bus.bury(delivery, self._consumer, None, DeadLetterReason.POISON, begun.attempt):
            await self._tell_death(delivery)

    def _reason(self, error: BaseException, failed: int) -> DeadLetterReason:
        retry = self._subscription.retry
        if isinstance(error, UndecodableError):
            return DeadLetterReason.UNDECODABLE
        if retry.forbids(error):
            return DeadLetterReason.NON_RETRYABLE
        return DeadLetterReason.EXPIRED if failed < retry.attempts else DeadLetterReason.MAX_ATTEMPTS

    def _arguments(self, delivery: Delivery, context: Context) -> dict[str, Any]:
        if delivery.envelope is None:
            raise UndecodableError(f"entry {delivery.entry} of channel {delivery.channel} is no CloudEvents envelope")
        arguments: dict[str, Any] = {}
        if self._subscription.parameter is not None:
            arguments[self._subscription.parameter] = self._subscription.argument(delivery.envelope)
        if self._subscription.context is not None:
            arguments[self._subscription.context] = context
        return arguments

    async def _read_state(self, key: str) -> str | None:
        keys = ChannelKeys(self._subscription.channel)
        raw: Any = await self._client.hget(keys.state(self._subscription.group), key)
        return None if raw is None else str(raw.decode())

    def _trace(self, delivery: Delivery) -> tuple[TraceContext, TraceContext | None]:
        """The trace that an attempt joins or begins, and its parent there."""
        envelope = delivery.envelope
        publish = envelope.trace if envelope else None
        sampled = publish.sampled if publish else keeps(_correlation(delivery), self._sample_ratio)
        published_ns = envelope.time_ns if envelope else 0  # 0 where the event does not say
        late = bool(published_ns) and self._clock.now_ns() - published_ns > SAME_TRACE_NS
        if publish is None or late or delivery.round > 0:
            return TraceContext.root(delivery.id, "", sampled=sampled), None
        return publish, publish

    def _position(self, delivery: Delivery, trace: TraceContext, attempt: int) -> Position:
        envelope = delivery.envelope
        return Position(
            node_id=delivery.id,
            correlation_id=_correlation(delivery),
            span=trace.child(delivery.id, span_name(SpanVerb.PROCESS, delivery.channel), attempt),
            source=self._app,
            agent=self._subscription.agent,
            subject=envelope.subject if envelope else "",
            causation_event=delivery.event_id,
        )

    def _begun(
        self, delivery: Delivery, begun: Begun, position: Position, parent: TraceContext | None
    ) -> DeliveryBegun:
        breaker = self._subscription.breaker
        return DeliveryBegun(
            node_id=delivery.id,
            kind=NodeKind.DELIVERY,
            causation_id=delivery.replay or delivery.event_id,
            correlation_id=position.correlation_id,
            agent=position.agent,
            subject=position.subject,
            span=position.span,
            parent=parent,
            links=self._links(delivery, begun),
            at_ns=self._clock.now_ns(),
            channel=delivery.channel,
            group=delivery.group,
            event_id=delivery.event_id,
            round=delivery.round,
            attempt=begun.attempt or 1,
            breaker=breaker.name if breaker else "",
        )

    def _links(self, delivery: Delivery, begun: Begun) -> tuple[TraceContext, ...]:
        links = []
        if delivery.envelope is not None and delivery.envelope.trace is not None:
            links.append(delivery.envelope.trace)
        if delivery.replay_trace is not None:
            links.append(delivery.replay_trace)
        if begun.last_trace_id is not None:
            name = span_name(SpanVerb.PROCESS, delivery.channel)
            links.append(TraceContext(begun.last_trace_id, identity.span_id(delivery.id, name, begun.attempt - 1)))
        return tuple(links)

    def _record(self, delivery: Delivery, begun: Begun, span: TraceContext, error: BaseException) -> AttemptRecord:
        info = ErrorInfo.of(error)
        return AttemptRecord(
            attempt=begun.attempt,
            round=delivery.round,
            started_ms=begun.started_ms,
            ended_ms=self._clock.now_ns() // 1_000_000,
            worker=self._consumer,
            trace_id=f"{span.trace_id:032x}",
            span_id=f"{span.span_id:016x}",
            error_type=info.type,
            message=info.message,
            traceback=info.traceback,
        )

    def _ended(self, buffer: Buffer, finish: Finish) -> AttemptEnded:
        return AttemptEnded(
            outcome=finish.outcome,
            ended_ns=self._clock.now_ns(),
            keys_read=tuple(buffer.reads),
            keys_written=tuple(buffer.writes) if finish.outcome is DeliveryOutcome.OK else (),
            scores=tuple(buffer.scores),
            error=ErrorInfo.of(finish.error) if finish.error else None,
        )

    async def _tell_death(self, delivery: Delivery) -> None:
        letter = identity.dead_letter_id(delivery.id)
        try:
            await self._news.tell(Untold(delivery.channel, delivery.group, letter, "died"))
        except RedisError as error:
            _log.debug("the death of letter %s is told later, by whoever tidies up: %s", letter, error)


def _correlation(delivery: Delivery) -> UUID:
    return delivery.envelope.correlation_id if delivery.envelope else delivery.event_id
