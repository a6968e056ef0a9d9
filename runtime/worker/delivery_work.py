"""One delivery: what its handler is given, how it is settled, and what follows."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from inspect import isasyncgen, iscoroutine, isgenerator
from typing import Any, Final
from uuid import UUID

from runtime.budgets.account import Parked
from runtime.bus.deliveries import BeginAnswer, Delivery
from runtime.bus.records import AttemptRecord
from runtime.causality import identity
from runtime.causality.error_info import ErrorInfo
from runtime.causality.trace_context import TraceContext
from runtime.dead_letters.letter_changes import LetterChange
from runtime.definitions.buffer import Buffer
from runtime.definitions.context import Context, Rest
from runtime.definitions.key_rules import KeyRules
from runtime.definitions.opening import open_context
from runtime.definitions.position import AttemptIdentity, Position
from runtime.definitions.subscription import Subscription
from runtime.errors import DefinitionError, UndecodableError
from runtime.facts import AttemptEnded, DeliveryBegun, OpenAttempt
from runtime.inbox.contract import HandlerEffects
from runtime.resilience.breaker import Breaker
from runtime.resilience.poison import KILL_LIMIT, VANISH_LIMIT
from runtime.resilience.retry import Retry
from runtime.semconv import DeadLetterReason, DeliveryOutcome, InboxState, NodeKind, SpanVerb, span_name
from runtime.worker.dead_reason import dead_letter_reason
from runtime.worker.delivery_trace import choose_trace, span_links
from runtime.worker.inbox_delivery import InboxDelivery
from runtime.worker.work import Equipment, Finish, LostAttempt, Settlement, build_outbox_follow_up

_NS_PER_MS: Final = 1_000_000


class DeliveryWork:
    """A `Work`. Args: `equipment` of the worker, the `subscription`, and the `delivery` that it holds."""

    def __init__(self, equipment: Equipment, subscription: Subscription, delivery: Delivery) -> None:
        self._kit = equipment
        self._subscription = subscription
        self._delivery = delivery
        self._begun = BeginAnswer("stale")
        self.is_put_off = False
        """Whether a later attempt is booked."""
        self._trace, self._parent = choose_trace(delivery, equipment.clock.now_ns(), equipment.sample_ratio)
        self._own_span = self._trace
        self._inbox = InboxDelivery(equipment.inboxes, subscription, delivery)

    @property
    def what(self) -> str:
        return f"group {self._subscription.group}"

    @property
    def agent(self) -> str:
        return self._subscription.agent

    @property
    def leased_item(self) -> Delivery:
        return self._delivery

    @property
    def function(self) -> Callable[..., Any]:
        return self._subscription.function

    @property
    def timeout(self) -> float | None:
        return self._subscription.timeout

    @property
    def breaker(self) -> Breaker | None:
        return self._subscription.breaker

    @property
    def retry(self) -> Retry:
        return self._subscription.retry

    @property
    def budget(self) -> UUID | None:
        return self._delivery.envelope.budget if self._delivery.envelope else None

    @property
    def parked_work(self) -> Parked:
        one = self._delivery
        what = f"an event of channel {one.channel} for group {one.group}"
        return Parked(one.id, what, channel=one.channel, group=one.group, delivery=str(one.id))

    async def begin(self) -> bool:
        delivery = self._delivery
        self._begun = await self._lapse_if_expired() or await self._kit.bus.begin(
            delivery,
            self._kit.consumer,
            self._trace.trace_id,
            isolated=self._kit.isolated,
            kills=KILL_LIMIT,
            vanishings=VANISH_LIMIT,
        )
        if self._begun.status == "poison":
            await self._handle_poison()
        elif self._begun.status == "duplicate":
            # The attempt that did the work has the first span id already.
            self._emit_idle_attempt(1, self._trace.child(delivery.id, f"{DeliveryOutcome.DUPLICATE} {delivery.entry}"))
        elif self._begun.status == "expired":
            self._emit_idle_attempt(self._begun.attempt + 1, self._span(self._trace, self._begun.attempt + 1))
        return self._begun.status == "ok"

    async def _handle_poison(self) -> None:
        reason = DeadLetterReason.POISON
        if await self._kit.bus.bury(self._delivery, self._kit.consumer, None, reason, self._begun.attempt):
            await self._emit_death()

    def find_lost_attempt(self) -> LostAttempt | None:
        before = self._begun.before
        if before is None or before.outcome != DeliveryOutcome.LOST:
            return None
        trace = self._span(self._trace_of(before), before.attempt)
        parent = self._publish_trace if self._publish_trace and self._publish_trace.trace_id == trace.trace_id else None
        begun = self._fact(before.attempt, trace, parent, before.started_ms * _NS_PER_MS, before=None)
        ended_ms = before.ended_ms or before.started_ms
        return LostAttempt(begun, AttemptEnded(outcome=DeliveryOutcome.LOST, ended_ns=ended_ms * _NS_PER_MS))

    def build_begun_fact(self) -> DeliveryBegun:
        now = self._kit.clock.now_ns()
        self._own_span = self._span(self._trace, self._begun.attempt)
        return self._fact(self._begun.attempt, self._own_span, self._parent, now, self._begun.before)

    def context(self, rest: Rest, attempt: OpenAttempt) -> Context:
        delivery = self._delivery
        position = Position(
            node_id=delivery.id,
            correlation_id=self._correlation_id,
            span=self._own_span,
            source=self._kit.app,
            agent=self._subscription.agent,
            subject=self._subject,
            causation_event=delivery.event_id,
            budget=self.budget,
        )
        which = AttemptIdentity(attempt=self._begun.attempt, round=delivery.round, event_id=delivery.event_id)
        budget, kit, read, begin = self.budget, self._kit, self._read_state, self._inbox.begin
        spend = None if budget is None else (lambda usage: kit.accounts.settle(budget, "", usage))
        rules = KeyRules(self.what, None, kit.key_bytes)
        return open_context(position, which, Buffer(), read, kit.clock, rest, spend=spend, rules=rules, begin=begin)

    def arguments(self, context: Context) -> Mapping[str, Any]:
        given, subscription = self._delivery, self._subscription
        if given.envelope is None:
            raise UndecodableError(f"entry {given.entry} of channel {given.channel} is not a CloudEvents envelope")
        arguments: dict[str, Any] = {}
        if subscription.parameter is not None:
            arguments[subscription.parameter] = subscription.read_argument(given.envelope)
        if subscription.context is not None:
            arguments[subscription.context] = context
        return arguments

    async def settlement_without_call(self, context: Context) -> Settlement | None:
        is_first = self._begun.attempt == 1 and not self._delivery.round  # what it writes is not there before
        return None if is_first else await self._inbox.earlier_settlement(self._acknowledge)

    def success(self, value: Any, context: Context) -> Settlement:
        if isgenerator(value) or isasyncgen(value):
            raise DefinitionError(f"the handler of {self.what} made a generator: nothing of its body has run")
        if iscoroutine(value):
            value.close()
            raise DefinitionError(f"the handler of {self.what} returned a coroutine that did not run: await it")
        buffer = context.buffer
        buffer.returned = value if self._subscription.record_values else None
        effects = HandlerEffects(tuple(buffer.events), dict(buffer.writes), dict(buffer.shared))
        return lambda: self._inbox.settle(effects, self._acknowledge, lambda error: self.failure(error, 0.0))

    async def _acknowledge(self, effects: HandlerEffects, inbox: InboxState | None) -> Finish:
        for key, text in effects.shared.items():  # of the app's slot, not the channel's; written again it is the same
            await self._kit.store.write(key, text)
        entries = await self._kit.bus.ack(self._delivery, self._kit.consumer, effects.events, effects.writes)
        if entries is None:
            return Finish(DeliveryOutcome.STALE, inbox=inbox)
        outbox = self._kit.bus.outbox(self._delivery.channel)
        follow = build_outbox_follow_up(self._kit.relay, outbox, entries, in_order=self._delivery.key is not None)
        written = (*effects.writes, *effects.shared)
        return Finish(DeliveryOutcome.OK, keys_written=written, follow=follow, inbox=inbox)

    def failure(self, error: BaseException, took: float, *, is_spared: bool = False) -> Settlement:
        begun, record = self._begun, self._build_record(error)
        is_spared = is_spared and self.retry.attempts > 1
        elapsed = (begun.started_ms - begun.first_ms) / 1000 + took
        delay = self.retry.delay_after(error, begun.fails + 1, elapsed, is_spared=is_spared)
        reason = dead_letter_reason(error, begun.fails + 1, self.retry)

        async def settle() -> Finish:
            delivery, consumer = self._delivery, self._kit.consumer
            await self.release_resources()  # before the next attempt may begin, which would wait for it
            if delay is not None:
                delay_ms = int(delay * 1000)
                is_booked = await self._kit.bus.retry(delivery, consumer, record, delay_ms, is_spared=is_spared)
                self.is_put_off = is_booked
                return Finish(DeliveryOutcome.RETRY if is_booked else DeliveryOutcome.STALE, error)
            if self._subscription.ephemeral:
                is_given_up = await self._kit.bus.give_up(delivery, consumer)
                return Finish(DeliveryOutcome.FAILED if is_given_up else DeliveryOutcome.STALE, error)
            if not await self._kit.bus.bury(delivery, consumer, record, reason, begun.attempt):
                return Finish(DeliveryOutcome.STALE, error)
            return Finish(DeliveryOutcome.DEAD_LETTER, error, follow=self._emit_death)

        return settle

    def cancelled_finish(self) -> Finish:
        return Finish(DeliveryOutcome.CANCELLED)

    async def release_resources(self) -> None:
        await self._inbox.roll_back()

    async def postpone(self, delay_ms: int) -> object:
        self.is_put_off = True
        return await self._kit.bus.postpone(self._delivery, self._kit.consumer, delay_ms)

    async def release(self) -> object:
        return await self.postpone(0)

    async def _emit_death(self) -> None:
        letter = identity.dead_letter_id(self._delivery.id)
        await self._kit.letters.emit(LetterChange(self._delivery.channel, self._delivery.group, letter, "died"))

    async def _lapse_if_expired(self) -> BeginAnswer | None:
        """How it ended where its event is of no use any more. Whoever replays a letter wants it all the same."""
        timing = self._delivery.envelope and self._delivery.envelope.timing
        if not timing or self._delivery.round or not timing.is_over(self._kit.clock.now_ns()):
            return None
        return await self._kit.bus.lapse(self._delivery, self._kit.consumer)

    def _emit_idle_attempt(self, number: int, own: TraceContext) -> None:
        """No code has run; the status says why."""
        now = self._kit.clock.now_ns()
        attempt = self._kit.observer.open(self._fact(number, own, self._parent, now, None))
        attempt.end(AttemptEnded(outcome=DeliveryOutcome(self._begun.status), ended_ns=now))

    async def _read_state(self, key: str) -> str | None:
        return await self._kit.bus.read_state(self._delivery.channel, self._delivery.group, key)

    @property
    def _publish_trace(self) -> TraceContext | None:
        return self._delivery.envelope.trace if self._delivery.envelope else None

    @property
    def _correlation_id(self) -> UUID:
        envelope = self._delivery.envelope
        return envelope.correlation_id if envelope else self._delivery.event_id

    @property
    def _subject(self) -> str:
        return self._delivery.envelope.subject if self._delivery.envelope else ""

    def _trace_of(self, record: AttemptRecord) -> TraceContext:
        return replace(self._trace, trace_id=int(record.trace_id or "0", 16) or self._trace.trace_id)

    def _span(self, trace: TraceContext, attempt: int) -> TraceContext:
        return trace.child(self._delivery.id, span_name(SpanVerb.PROCESS, self._delivery.channel), attempt)

    def _fact(
        self, attempt: int, span: TraceContext, parent: TraceContext | None, at_ns: int, before: AttemptRecord | None
    ) -> DeliveryBegun:
        delivery, breaker, beside = self._delivery, self._subscription.breaker, self._subscription.shadow_of
        return DeliveryBegun(
            node_id=delivery.id,
            kind=NodeKind.DELIVERY,
            causation_id=delivery.replay or delivery.event_id,
            correlation_id=self._correlation_id,
            agent=self._subscription.agent,
            subject=self._subject,
            span=span,
            parent=parent,
            links=self._links(before),
            at_ns=at_ns,
            channel=delivery.channel,
            group=self._subscription.label,
            event_id=delivery.event_id,
            round=delivery.round,
            attempt=attempt,
            breaker=breaker.name if breaker else "",
            shadow_of=beside.place.step if beside else "",
        )

    def _links(self, before: AttemptRecord | None) -> tuple[TraceContext, ...]:
        last = self._span(self._trace_of(before), before.attempt) if before and before.trace_id else None
        return span_links(self._delivery, last)

    def _build_record(self, error: BaseException) -> AttemptRecord:
        info, span = ErrorInfo.of(error, self._kit.redactor.text), self._own_span
        return AttemptRecord(
            attempt=self._begun.attempt,
            round=self._delivery.round,
            started_ms=self._begun.started_ms,
            ended_ms=self._kit.clock.now_ns() // _NS_PER_MS,
            worker=self._kit.consumer,
            trace_id=f"{span.trace_id:032x}",
            span_id=f"{span.span_id:016x}",
            error_type=info.type,
            message=info.message,
            traceback=info.traceback,
        )
