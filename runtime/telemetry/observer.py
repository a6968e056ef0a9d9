"""The observer that makes spans: what the core emits becomes OpenTelemetry, and nothing of it reaches the work."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Final, TypeVar

from opentelemetry import context
from opentelemetry.trace import Span, SpanContext, set_span_in_context

from runtime.causality.identity import span_id
from runtime.causality.trace_context import TraceContext
from runtime.clock import Clock
from runtime.facts import (
    Ambient,
    AttemptEnded,
    CallBegun,
    CallEnded,
    DeadLettered,
    DeliveryBegun,
    Discarded,
    EventPublished,
    Fact,
    Occurrence,
    OpenAttempt,
    OpenCall,
    Replayed,
    StepBegun,
)
from runtime.outages import Outage
from runtime.redaction.redactor import Redactor
from runtime.semconv import SpanVerb, span_name
from runtime.silent import SilentObserver
from runtime.telemetry import calls, propagation, spans
from runtime.telemetry.attributes import Attributes
from runtime.telemetry.copies import Copies
from runtime.telemetry.endings import SpanEnding, describe_ending
from runtime.telemetry.lazy import LazySpan
from runtime.telemetry.redaction import redact_attributes, redact_ending, redact_span
from runtime.telemetry.seeds import seed_span
from runtime.telemetry.spans import SpanData
from runtime.telemetry.tracers import Tracers, context_with_provider
from runtime.transfers import Transfer

_log: Final = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")

#: Facts that are exported whatever the sampling of their correlation: an operator must be able to find them.
_ALWAYS_KEPT: Final = (DeadLettered, Replayed, Discarded)


def _call_safely(work: Callable[[], _Answer], otherwise: _Answer) -> _Answer:
    """The answer of `work`, or `otherwise` where it raises: a fault in telemetry must not become one of the work."""
    try:
        return work()
    except Exception:  # noqa: BLE001 - whatever it is, the work that is being observed goes on
        _log.exception("A span could not be recorded; the work itself goes on.")
        return otherwise


class _SpanStarter:
    """Starts spans with the ids and the sampling that facts carry."""

    def __init__(self, tracers: Tracers, clock: Clock, redactor: Redactor) -> None:
        self._tracer = tracers.ours
        self._straight = tracers.straight
        self.provider = tracers.provider
        self.clock = clock
        self.redactor = redactor

    def start(self, fact: Fact | Outage | Transfer, shape: SpanData, span: TraceContext) -> Span:
        with seed_span(span):
            return self._tracer.start_span(
                shape.name,
                context=propagation.parent_context(fact),
                kind=shape.kind,
                attributes=shape.attributes,
                links=propagation.parent_and_links(fact)[1],
                start_time=fact.at_ns,
            )

    def open(self, begun: StepBegun | DeliveryBegun, shape: SpanData) -> Span:
        """The span of an attempt that begins."""
        if self._straight is None or not begun.span.sampled:
            return self.start(begun, shape, begun.span)
        return LazySpan(propagation.local_context(begun.span), lambda: self.start(begun, shape, begun.span))

    def record(
        self, fact: Fact | Outage | Transfer, shape: SpanData, span: TraceContext, own: SpanContext | None = None
    ) -> None:
        """Records a span that is over; `own` are the ids of `span`, where somebody has made them already."""
        straight = self._straight
        if straight is None:
            recorded = self.start(fact, shape, span)
            recorded.set_status(shape.status)
            recorded.end(end_time=fact.at_ns if shape.end_ns is None else shape.end_ns)
            return
        parent, links = propagation.parent_and_links(fact)
        straight.record(shape, own or propagation.local_context(span), parent, links, fact.at_ns)

    def start_below(self, name: str, attributes: Attributes, at_ns: int, span: TraceContext) -> Span:
        """A span below the one that is current."""
        with seed_span(span):
            return self._tracer.start_span(name, attributes=attributes, start_time=at_ns)

    def record_marker(self, shape: SpanData, parent: Span, span: TraceContext) -> None:
        now = self.clock.now_ns()
        with seed_span(span):
            marker = self._tracer.start_span(
                shape.name,
                context=propagation.child_context(parent),
                kind=shape.kind,
                attributes=shape.attributes,
                start_time=now,
            )
        marker.end(end_time=now)


class SpanAttempt:
    """An attempt whose span is open."""

    def __init__(self, tracing: _SpanStarter, copies: Copies, begun: StepBegun | DeliveryBegun) -> None:
        self._tracing = tracing
        self._copies = copies
        self._begun = begun
        self._shape = redact_span(spans.describe_fact(begun, self._copy_inputs()), tracing.redactor)
        self._span = tracing.open(begun, self._shape)
        self._marked = False

    def activate(self) -> AbstractContextManager[None]:
        """Makes the attempt's span current, and its correlation id baggage."""
        return self._make_current()

    def pending(self) -> None:
        """Exports a marker, once: the collector hides it as soon as the span itself arrives."""
        if self._marked:
            return
        self._marked = True
        _call_safely(self._record_marker, None)

    def call(self, begun: CallBegun) -> OpenCall:
        """Starts the span of a recorded call."""
        silent = SilentObserver().open(self._begun).call(begun)
        return _call_safely(lambda: SpanCall(self._tracing, self._copies, self._begun, begun), silent)

    def end(self, ended: AttemptEnded) -> None:
        """Ends the span."""
        _call_safely(lambda: self._end(ended), None)

    @contextmanager
    def _make_current(self) -> Iterator[None]:
        within = propagation.context_with_span(self._span, self._begun.correlation_id)
        token = context.attach(context_with_provider(self._tracing.provider, within))
        try:
            yield
        finally:
            context.detach(token)

    def _record_marker(self) -> None:
        begun, marker = self._begun, spans.pending_marker(self._shape)
        # Derived like every span id, so that a marker sent twice is a duplicate; its name keeps it apart from the work.
        own = TraceContext(begun.span.trace_id, span_id(begun.node_id, marker.name, begun.attempt), begun.span.sampled)
        self._tracing.record_marker(marker, self._span, own)

    def _copy_inputs(self) -> str:
        begun = self._begun
        if not isinstance(begun, StepBegun) or not begun.span.sampled:
            return ""
        return _call_safely(lambda: self._copies.inputs(begun.inputs), "")

    def _copy_result(self, ended: AttemptEnded) -> str:
        begun = self._begun
        if not begun.span.sampled:
            return ""
        key = begun.step if isinstance(begun, StepBegun) else ""
        # It may be of any class, with any faults.
        return _call_safely(lambda: self._copies.result(ended.result, key), "")

    def _end(self, ended: AttemptEnded) -> None:
        how = redact_ending(describe_ending(self._begun, ended, self._copy_result(ended)), self._tracing.redactor)
        if isinstance(self._span, LazySpan) and self._span.created_span is None and not how.moments:
            self._span.mark_ended()
            begun, attributes = self._shape, self._shape.attributes | how.attributes
            shape = SpanData(begun.name, begun.kind, attributes, how.status, ended.ended_ns)
            self._tracing.record(self._begun, shape, self._begun.span, self._span.get_span_context())
            return
        _end_span(self._span, how, ended.ended_ns)


class SpanCall:
    """A recorded call whose span is open: below whatever span the attempt's code has made current."""

    def __init__(
        self, tracing: _SpanStarter, copies: Copies, within: StepBegun | DeliveryBegun, begun: CallBegun
    ) -> None:
        self._tracing = tracing
        self._copies = copies
        self._name = begun.name
        self._sampled = within.span.sampled
        name = span_name(SpanVerb.CALL, begun.name)
        arguments = _call_safely(lambda: copies.inputs(begun.arguments), "") if within.span.sampled else ""
        attributes = redact_attributes(calls.start_attributes(begun, arguments), tracing.redactor)
        # Derived like every span id: of one call of one attempt there is one span, however often it is told.
        own = replace(within.span, span_id=span_id(within.node_id, f"{name}|{begun.key}", within.attempt))
        self._span = tracing.start_below(name, attributes, begun.at_ns, own)

    def activate(self) -> AbstractContextManager[None]:
        """Makes the call's span current."""
        return self._make_current()

    def end(self, ended: CallEnded) -> None:
        """Ends the span."""
        _call_safely(lambda: self._end(ended), None)

    @contextmanager
    def _make_current(self) -> Iterator[None]:
        token = context.attach(set_span_in_context(self._span))
        try:
            yield
        finally:
            context.detach(token)

    def _end(self, ended: CallEnded) -> None:
        result = _call_safely(lambda: self._copies.result(ended.result, self._name), "") if self._sampled else ""
        how = redact_ending(calls.describe_ending(ended, result), self._tracing.redactor)
        _end_span(self._span, how, ended.ended_ns)


def _end_span(span: Span, how: SpanEnding, ended_ns: int) -> None:
    span.set_attributes(how.attributes)
    for moment in how.moments:
        span.add_event(moment.name, moment.attributes, moment.at_ns)
    span.set_status(how.status)
    span.end(end_time=ended_ns)


class SpanObserver:
    """Turns facts into spans.

    Args:
        tracers: start spans; the ids and sampling of ours must obey seeds.
        clock: gives the time of markers.
        redactor: takes secrets out of what spans say, unless their exporter does.
        copies: makes what spans carry of payloads, inputs and results.
        flush: hands over what is buffered, within a number of seconds, and says whether all is sent or safe.
        close: hands over and ends.
        lost: how many spans could be neither sent nor saved so far.
    """

    def __init__(
        self,
        tracers: Tracers,
        clock: Clock,
        redactor: Redactor,
        copies: Copies,
        flush: Callable[[float], bool],
        close: Callable[[], object],
        lost: Callable[[], int] = lambda: 0,
    ) -> None:
        self._lost = lost
        self._tracing = _SpanStarter(tracers, clock, redactor)
        self._copies = copies
        self._flush = flush
        self._close = close

    def ambient(self) -> Ambient:
        """The caller's own telemetry context."""
        return _call_safely(propagation.read_ambient, Ambient())

    def open(self, begun: StepBegun | DeliveryBegun) -> OpenAttempt:
        """Starts the span of an attempt."""
        return _call_safely(lambda: SpanAttempt(self._tracing, self._copies, begun), SilentObserver().open(begun))

    @property
    def losses(self) -> int:
        """How many spans were lost so far because they could be neither sent nor saved."""
        return self._lost()

    def emit(self, fact: Occurrence) -> None:
        """Records a span that is over."""
        _call_safely(lambda: self._emit(fact), None)

    def flush(self, timeout: float) -> bool:
        """Hands over what is buffered; see `runtime.facts.Observer`."""
        return _call_safely(lambda: self._flush(timeout), otherwise=False)

    def close(self) -> None:
        """Flushes and ends."""
        _call_safely(self._close, None)

    def _emit(self, fact: Occurrence) -> None:
        own = fact.span
        if not own.sampled:
            if not isinstance(fact, _ALWAYS_KEPT):
                return
            own = replace(own, sampled=True)
        payload = self._copies.payload(fact.data) if isinstance(fact, EventPublished) else ""
        shape = redact_span(spans.describe_fact(fact, payload), self._tracing.redactor)
        self._tracing.record(fact, shape, own)
