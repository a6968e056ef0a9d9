"""The fact that an event is published. Pure."""

from runtime.bus.deliveries import OutgoingEvent
from runtime.facts import EventPublished
from runtime.semconv import NodeKind


def build_event_published(event: OutgoingEvent, published_ms: int) -> EventPublished:
    """The fact that an event is in its channel, the same whoever emits it."""
    envelope = event.envelope
    if envelope.trace is None:
        raise AssertionError("every envelope that the runtime makes carries the context of its publish span")
    return EventPublished(
        node_id=envelope.id,
        kind=NodeKind.EVENT,
        causation_id=envelope.cause_node,
        correlation_id=envelope.correlation_id,
        agent=event.agent,
        subject=envelope.subject,
        span=envelope.trace,
        parent=event.parent,
        at_ns=published_ms * 1_000_000,
        channel=envelope.channel,
        source=envelope.source,
        data=envelope.masked_payload(),
    )
