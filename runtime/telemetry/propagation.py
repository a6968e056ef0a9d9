"""Between our trace contexts and OpenTelemetry's: the span that is current, and baggage."""

from typing import Final
from uuid import UUID

from opentelemetry import baggage, context, trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, TraceFlags, TraceState

from runtime.causality.identity import text_of
from runtime.causality.trace_context import TraceContext
from runtime.facts import Ambient, Fact
from runtime.outages import Outage
from runtime.semconv import CORRELATION_ID
from runtime.transfers import Transfer

_KEPT: Final = TraceFlags(TraceFlags.SAMPLED | TraceFlags.RANDOM_TRACE_ID)
_DROPPED: Final = TraceFlags(TraceFlags.RANDOM_TRACE_ID)


def read_ambient() -> Ambient:
    """The caller's span, where there is one, and the correlation id in its baggage; an unreadable id is ignored."""
    current = trace.get_current_span().get_span_context()
    span = None
    if current.is_valid:
        state = current.trace_state.to_header()
        span = TraceContext(current.trace_id, current.span_id, current.trace_flags.sampled, state)
    return Ambient(span, _read_correlation())


def remote_context(span: TraceContext) -> SpanContext:
    """A span that was started elsewhere, or earlier."""
    return _span_context(span, is_remote=True)


def local_context(span: TraceContext) -> SpanContext:
    """A span that is recorded here."""
    return _span_context(span, is_remote=False)


def parent_of(fact: Fact | Outage | Transfer) -> TraceContext | None:
    """The parent of a fact's span; None where the fact begins a trace."""
    return fact.parent if fact.parent is not None and fact.parent.trace_id == fact.span.trace_id else None


def parent_context(fact: Fact | Outage | Transfer) -> Context:
    """The context in which the span of a fact starts; an empty one where the fact begins a trace."""
    above = parent_of(fact)
    return trace.set_span_in_context(NonRecordingSpan(remote_context(above)), Context()) if above else Context()


def child_context(span: Span) -> Context:
    """The context in which a child of `span` starts."""
    return trace.set_span_in_context(span, Context())


def links_of(fact: Fact | Outage | Transfer) -> tuple[TraceContext, ...]:
    """The spans that the fact's span links to; a parent in another trace can only be linked."""
    if fact.parent is None or fact.parent.trace_id == fact.span.trace_id or fact.parent in fact.links:
        return fact.links
    return (fact.parent, *fact.links)


def parent_and_links(fact: Fact | Outage | Transfer) -> tuple[SpanContext | None, list[Link]]:
    """The parent of a fact's span, None where it begins a trace, and its links; made once where both are the same, as
    of an attempt at a delivery."""
    above = parent_of(fact)
    made = None if above is None else remote_context(above)
    return made, [Link(made if made is not None and link is above else remote_context(link)) for link in links_of(fact)]


def context_with_span(span: Span, correlation: UUID) -> Context:
    """The caller's context with `span` current and the correlation id in the baggage."""
    return baggage.set_baggage(
        CORRELATION_ID, text_of(correlation), trace.set_span_in_context(span, context.get_current())
    )


def _span_context(span: TraceContext, *, is_remote: bool) -> SpanContext:
    state = TraceState.from_header([span.state]) if span.state else None
    return SpanContext(span.trace_id, span.span_id, is_remote, _KEPT if span.sampled else _DROPPED, state)


def _read_correlation() -> UUID | None:
    said = baggage.get_baggage(CORRELATION_ID)
    if said is None:
        return None
    try:
        return UUID(str(said))
    except ValueError:
        return None
