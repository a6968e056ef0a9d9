"""The fact that a breaker was open, made when it closes, by whoever closes it."""

from runtime.causality import identity
from runtime.causality.trace_context import TraceContext
from runtime.outages import Outage
from runtime.resilience.breaker_state import BreakerEffect
from runtime.semconv import SpanVerb, span_name

_NS_PER_MS = 1_000_000


def build_outage(name: str, closed: BreakerEffect, operator: str = "") -> Outage | None:
    """The outage that a breaker closed after; None where nobody knows since when it was open."""
    if closed.change != "closed" or not closed.since_ms:
        return None
    return Outage(
        span=TraceContext.root(identity.mint(), span_name(SpanVerb.BREAKER, name), sampled=True),
        breaker=name,
        why=closed.why,
        probes=closed.probes,
        operator=operator,
        at_ns=closed.since_ms * _NS_PER_MS,
        ended_ns=closed.at_ms * _NS_PER_MS,
    )
