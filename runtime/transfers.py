"""Facts about messages that come from another broker, or go there."""

from uuid import UUID

from runtime.causality.trace_context import TraceContext
from runtime.frozen import frozen
from runtime.semconv import SpanVerb


@frozen(kw_only=True)
class Transfer:
    """A message was taken from a queue of another broker and recorded, or sent there: span `receive {destination}` or
    `send {destination}`. It is no node of ours: the event that it became is, or the delivery that sent it.

    Attributes:
        verb: `SpanVerb.RECEIVE` or `SpanVerb.SEND`.
        span, parent, links: where its span stands: below the one that sent the message, where that says, or below the
            attempt that sends it.
        at_ns: when it was taken, or begun to be sent.
        ended_ns: when it was recorded, or confirmed, or when that failed.
        system: the broker, as OpenTelemetry calls it.
        destination: where it went or came from, as OpenTelemetry's conventions for that broker name it.
        routing_key: that it was sent with.
        message_id: its sender's own; empty where it has none.
        size: bytes of its body.
        correlation_id: of the event.
        host, port: of the broker.
        error_type, why: what kept it from being sent, by its class and in words; empty where nothing did.
    """

    verb: SpanVerb
    span: TraceContext
    parent: TraceContext | None = None
    links: tuple[TraceContext, ...] = ()
    at_ns: int
    ended_ns: int
    system: str
    destination: str
    routing_key: str
    message_id: str
    size: int
    correlation_id: UUID
    host: str
    port: int
    error_type: str = ""
    why: str = ""
