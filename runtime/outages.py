"""Facts about breakers: work that was deferred by one, and the time that one was open."""

from dataclasses import dataclass

from runtime.causality.trace_context import TraceContext


@dataclass(frozen=True, slots=True)
class Deferral:
    """Guarded work did not begin because its breaker was open: how often, since when, and until when (ms since
    1970)."""

    times: int
    since_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A breaker was open, and has closed: span `breaker {breaker}`, from `at_ns` to `ended_ns`. It is no node: it
    causes nothing, and what it deferred says so itself.

    Attributes:
        span: where its span stands: alone.
        breaker: its name.
        why: it was open, in words.
        probes: how many had failed.
        operator: who closed it by hand; empty where a probe did.
        at_ns: since when it was open.
    """

    span: TraceContext
    breaker: str
    why: str
    probes: int
    operator: str = ""
    at_ns: int
    ended_ns: int
    parent: TraceContext | None = None
    links: tuple[TraceContext, ...] = ()
