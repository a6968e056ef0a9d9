"""What of a fact may travel on a span: secrets replaced, length bounded. Pure."""

from dataclasses import replace
from typing import Final

from google.protobuf.message import Message
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.trace import Status

from runtime.redaction.messages import clean_pairs
from runtime.redaction.redactor import Redactor
from runtime.telemetry.attributes import Attributes
from runtime.telemetry.endings import SpanEnding
from runtime.telemetry.spans import SpanData

#: Bytes of UTF-8 that a payload on a span may take, the note that it was cut included.
PAYLOAD_LIMIT: Final = 8 * 1024


def redact_payload(data: str, redactor: Redactor, limit: int = PAYLOAD_LIMIT) -> str:
    """The copy of a payload that a span carries.

    Args:
        data: the payload as JSON text.
        redactor: knows what is secret.
        limit: bytes of UTF-8 that the answer may take.

    Returns:
        JSON text, or its beginning and a note of how much is missing; empty where `data` is no JSON that can be read,
        because then nobody can say where its secrets are.
    """
    try:
        text = redactor.json(data)
    except (ValueError, RecursionError):
        return ""
    return _truncate(text, limit)


def redact_span(shape: SpanData, redactor: Redactor) -> SpanData:
    """A span as it may be told."""
    if redactor.is_idle:
        return shape
    return replace(
        shape, attributes=redact_attributes(shape.attributes, redactor), status=_redact_status(shape.status, redactor)
    )


def redact_ending(ending: SpanEnding, redactor: Redactor) -> SpanEnding:
    """What the end of an attempt adds, as it may be told."""
    if redactor.is_idle:
        return ending
    moments = tuple(replace(one, attributes=redact_attributes(one.attributes, redactor)) for one in ending.moments)
    return SpanEnding(redact_attributes(ending.attributes, redactor), _redact_status(ending.status, redactor), moments)


def redact_attributes(given: Attributes, redactor: Redactor) -> Attributes:
    """Attributes as they may be told."""
    return {key: redactor.value(key, value) for key, value in given.items()}


def redact_request(request: ExportTraceServiceRequest, redactor: Redactor) -> None:
    """Takes secrets out of a request: also those that the user's own code wrote on our spans."""
    for resource in request.resource_spans:
        clean_pairs(resource.resource.attributes, redactor)
        for scope in resource.scope_spans:
            clean_pairs(scope.scope.attributes, redactor)
            for span in scope.spans:
                _clean_span(span, redactor)


def _clean_span(span: Span, redactor: Redactor) -> None:
    _clean_text(span, "name", redactor)
    _clean_text(span, "trace_state", redactor)
    _clean_text(span.status, "message", redactor)
    clean_pairs(span.attributes, redactor)
    for event in span.events:
        _clean_text(event, "name", redactor)
        clean_pairs(event.attributes, redactor)
    for link in span.links:
        _clean_text(link, "trace_state", redactor)
        clean_pairs(link.attributes, redactor)


def _clean_text(owner: Message, field: str, redactor: Redactor) -> None:
    if text := getattr(owner, field):
        setattr(owner, field, redactor.text(text))


def _redact_status(status: Status, redactor: Redactor) -> Status:
    return Status(status.status_code, redactor.text(status.description)) if status.description else status


def _truncate(text: str, limit: int) -> str:
    raw = text.encode("utf-8", "replace")
    if len(raw) <= limit:
        return raw.decode()
    note = f"... [cut: {len(raw)} bytes in all]".encode()
    return raw[: limit - len(note)].decode("utf-8", "ignore") + note.decode()
