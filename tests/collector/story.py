"""Hand-built spans: what runtimes would send, with every id and time chosen by the test."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span

from runtime import semconv
from runtime.causality import identity
from runtime.semconv import NodeKind

INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = 1, 2, 3, 4, 5

#: 2026-01-01T00:00:00Z; stories count milliseconds from here.
ORIGIN_NS = 1_767_225_600_000_000_000
MS = 1_000_000

Value = str | bool | int | float | Sequence[str]


@dataclass(frozen=True)
class Where:
    """A span's place: its trace and its own id."""

    trace: int
    span: int


@dataclass
class Story:
    """Collects spans, and gives them out as one request or span by span."""

    service: str = "story"
    spans: list[Span] = field(default_factory=list)

    def add(
        self,
        name: str,
        where: Where,
        *,
        at: float = 0,
        lasts: float = 1,
        kind: int = INTERNAL,
        parent: Where | None = None,
        links: Sequence[Where] = (),
        attributes: Mapping[str, Value] | None = None,
        failed: str = "",
    ) -> Span:
        """One span; `at` and `lasts` are milliseconds."""
        span = Span(
            trace_id=where.trace.to_bytes(16, "big"),
            span_id=where.span.to_bytes(8, "big"),
            parent_span_id=parent.span.to_bytes(8, "big") if parent else b"",
            name=name,
            kind=kind,
            start_time_unix_nano=ORIGIN_NS + int(at * MS),
            end_time_unix_nano=ORIGIN_NS + int((at + lasts) * MS),
        )
        for key, value in (attributes or {}).items():
            span.attributes.append(KeyValue(key=key, value=any_value(value)))
        for link in links:
            span.links.add(trace_id=link.trace.to_bytes(16, "big"), span_id=link.span.to_bytes(8, "big"))
        if failed:
            span.status.code, span.status.message = 2, failed
        self.spans.append(span)
        return span

    def node(
        self,
        kind: NodeKind,
        node: UUID,
        name: str,
        where: Where,
        *,
        cause: UUID | None = None,
        correlation: UUID | None = None,
        more: Mapping[str, Value] | None = None,
        span_kind: int = INTERNAL,
        at: float = 0,
        lasts: float = 1,
        parent: Where | None = None,
        links: Sequence[Where] = (),
        failed: str = "",
    ) -> Span:
        """One span of a node of ours."""
        attributes: dict[str, Value] = {semconv.NODE_ID: str(node), semconv.NODE_KIND: kind.value}
        if cause:
            attributes[semconv.CAUSATION_ID] = str(cause)
        if correlation:
            attributes[semconv.CORRELATION_ID] = str(correlation)
        return self.add(
            name,
            where,
            at=at,
            lasts=lasts,
            kind=span_kind,
            parent=parent,
            links=links,
            attributes={**attributes, **(more or {})},
            failed=failed,
        )

    def request(self, spans: Sequence[Span] | None = None) -> bytes:
        """Spans, or all of them, as one request."""
        request = ExportTraceServiceRequest()
        per_resource = request.resource_spans.add()
        per_resource.resource.attributes.append(KeyValue(key="service.name", value=any_value(self.service)))
        scope = ScopeSpans(spans=self.spans if spans is None else spans)
        scope.scope.name = semconv.SCOPE
        per_resource.scope_spans.append(scope)
        return request.SerializeToString()


def any_value(value: Value) -> AnyValue:
    """A value as OTLP has it."""
    answer = AnyValue()
    match value:
        case bool():
            answer.bool_value = value
        case int():
            answer.int_value = value
        case float():
            answer.double_value = value
        case str():
            answer.string_value = value
        case _:
            answer.array_value.values.extend(any_value(item) for item in value)
    return answer


def uid(name: str) -> UUID:
    """An id that stands for a name, the same in every test; its time is `ORIGIN_NS`."""
    base = UUID(int=(ORIGIN_NS // MS) << 80 | 7 << 76 | 2 << 62)
    return identity.derive(NodeKind.RUN, base, name)


def place(trace: str, span: str) -> Where:
    """A place that stands for two names."""
    trace_id = (ORIGIN_NS // MS) << 80 | int.from_bytes(hashlib.sha256(trace.encode()).digest()[:10], "big")
    return Where(trace_id, int.from_bytes(hashlib.sha256(f"{trace}/{span}".encode()).digest()[:8], "big"))


def foreign(where: Where) -> UUID:
    """The node id of a span that carries none, worked out by hand."""
    digest = bytearray(hashlib.sha256(where.trace.to_bytes(16, "big") + where.span.to_bytes(8, "big")).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return UUID(bytes=bytes(digest))
