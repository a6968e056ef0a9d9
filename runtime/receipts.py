"""Facts about messages that come in from another broker."""

from dataclasses import dataclass
from uuid import UUID

from runtime.causality.trace_context import TraceContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A message was taken from a queue of another broker, and recorded: span `receive {source}`. It is no node of ours;
    the event that it became is.

    Attributes:
        span, parent, links: where its span stands: below the one that sent the message, where that says.
        at_ns: when it was taken.
        ended_ns: when it was recorded.
        system: the broker, as OpenTelemetry calls it.
        source: where it came from, as OpenTelemetry's conventions for that broker name it.
        routing_key: that it was sent with.
        message_id: its sender's own; empty where it has none.
        size: bytes of its body.
        correlation_id: of the event that it became.
        host, port: of the broker.
    """

    span: TraceContext
    parent: TraceContext | None = None
    links: tuple[TraceContext, ...] = ()
    at_ns: int
    ended_ns: int
    system: str
    source: str
    routing_key: str
    message_id: str
    size: int
    correlation_id: UUID
    host: str
    port: int
