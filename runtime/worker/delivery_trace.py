"""Which trace an attempt at a delivery joins, or begins. Pure."""

from typing import Final

from runtime.bus.deliveries import Delivery
from runtime.causality.sampling import is_sampled
from runtime.causality.trace_context import TraceContext

#: A delivery that begins later than this after its publish, in ns, begins a trace of its own: a trace that stays open
#: for hours is of no use to anybody.
SAME_TRACE_NS: Final = 3600 * 1_000_000_000


def span_links(delivery: Delivery, before: TraceContext | None) -> tuple[TraceContext, ...]:
    """The spans that an attempt is linked to: the publish, the replay, and the attempt before it."""
    publish = delivery.envelope.trace if delivery.envelope else None
    last = None if before is None else TraceContext(before.trace_id, before.span_id)
    return tuple(link for link in (publish, delivery.replay_trace, last) if link is not None)


def choose_trace(delivery: Delivery, now_ns: int, sample_ratio: float) -> tuple[TraceContext, TraceContext | None]:
    """The trace that an attempt joins or begins, and its parent there.

    Args:
        delivery: what is attempted.
        now_ns: in nanoseconds since 1970 (UTC).
        sample_ratio: share of correlations that are kept where nobody has decided yet.
    """
    envelope = delivery.envelope
    publish = envelope.trace if envelope else None
    correlation = envelope.correlation_id if envelope else delivery.event_id
    sampled = publish.sampled if publish else is_sampled(correlation, sample_ratio)
    published_ns = envelope.time_ns if envelope else 0  # 0 where the event does not say
    is_late = bool(published_ns) and now_ns - published_ns > SAME_TRACE_NS
    if publish is None or is_late or delivery.round > 0:
        return TraceContext.root(delivery.id, "", sampled=sampled), None
    return publish, publish
