"""CloudEvents' attributes as headers of AMQP 0-9-1, by its binding for AMQP. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json

from runtime.bus.envelope import Envelope
from runtime.bus.rfc3339 import format_rfc3339
from runtime.causality.trace_context import TraceContext

#: In front of each attribute; the binding allows both, and we write the first.
PREFIXES: Final = ("cloudEvents:", "cloudEvents_")
#: How the content type of a message begins that is an event as a whole.
STRUCTURED: Final = "application/cloudevents"
#: The node that sent the message.
CAUSE_NODE: Final = "causenode"
#: W3C Trace Context, as OpenTelemetry's instrumentations of AMQP clients write and read it.
TRACEPARENT: Final = "traceparent"
TRACESTATE: Final = "tracestate"


def attributes_of(headers: Mapping[str, Any]) -> dict[str, str]:
    """The attributes that headers carry; empty where they are of no event, which has an id and a source."""
    found: dict[str, str] = {}
    for name, value in headers.items():
        prefix = next((one for one in PREFIXES if name.startswith(one)), None)
        text = None if prefix is None else _attribute_text(value)
        if prefix is not None and text is not None:
            found[name.removeprefix(prefix).lower()] = text
    return found if found.get("id") and found.get("source") else {}


def read_structured_event(body: bytes, content_type: str) -> dict[str, Any]:
    """The members of an event that is the whole body; empty where it is none."""
    kind = content_type.strip().lower()
    if not kind.startswith(STRUCTURED) or kind.startswith(f"{STRUCTURED}-batch"):
        return {}
    try:
        members = from_json(body, allow_inf_nan=False)
    except ValueError:
        return {}
    return members if isinstance(members, dict) and members.get("id") and members.get("source") else {}


def headers_of(envelope: Envelope, sender: UUID, trace: TraceContext) -> dict[str, Any]:
    """The headers of an event that is sent.

    Args:
        envelope: the event.
        sender: the delivery that sends it, which is what caused the message.
        trace: where the span that sends it stands: as OpenTelemetry writes it, not as CloudEvents' extension, which
            would say it twice.
    """
    attributes = {
        "specversion": "1.0",
        "id": envelope.raw_id or str(envelope.id),
        "source": envelope.source,
        "type": envelope.channel,
        "time": format_rfc3339(envelope.time_ns) if envelope.time_ns else "",
        "subject": envelope.subject,
        "correlationid": str(envelope.correlation_id),
        "causationid": str(envelope.causation_event or ""),
        CAUSE_NODE: str(sender),
        "budgetid": str(envelope.budget or ""),
    }
    if envelope.timing is not None:
        attributes["expirytime"] = envelope.timing.attributes().get("expirytime", "")
    return {f"{PREFIXES[0]}{name}": value for name, value in attributes.items() if value} | trace_headers(trace)


def trace_headers(trace: TraceContext) -> dict[str, str]:
    """The headers that say which span sends a message."""
    said = {TRACEPARENT: trace.traceparent, TRACESTATE: trace.state}
    return {name: value for name, value in said.items() if value}


def trace_of(*carriers: Mapping[str, Any]) -> TraceContext | None:
    """The span that sent a message, by the first of some carriers that says one which can be read."""
    for carrier in carriers:
        said = _attribute_text(carrier.get(TRACEPARENT))
        if found := TraceContext.parse(said, _attribute_text(carrier.get(TRACESTATE)) or ""):
            return found
    return None


def _attribute_text(value: Any) -> str | None:
    """An attribute's canonical text; None for what is no attribute."""
    match value:
        case None | Mapping() | list():
            return None
        case bool():
            return str(value).lower()
        case bytes():
            return value.decode("utf-8", "replace")
        case datetime():
            return format_rfc3339(int(value.replace(tzinfo=value.tzinfo or UTC).timestamp() * 1_000_000_000))
    return str(value)
