"""Requests of spans as senders make them: twelve attributes, one link, an event on every fifth."""

import os
import time
from typing import Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

_TEXTS: Final = {
    "http.request.method": "POST",
    "http.route": "/orders/{id}",
    "server.address": "orders.example",
    "url.scheme": "https",
    "messaging.system": "redis",
    "deployment.environment.name": "production",
    "user_agent.original": "bench/1.0 (a sender of spans)",
    "thread.name": "MainThread",
}


def request(spans: int, began_ns: int | None = None) -> ExportTraceServiceRequest:
    """A request of so many spans, of one trace, that began just now, or at a time; no two requests share an id."""
    now = began_ns or time.time_ns()
    message = ExportTraceServiceRequest()
    resource = message.resource_spans.add()
    _text(resource.resource.attributes.add(), "service.name", "bench")
    scope = resource.scope_spans.add()
    scope.scope.name = "benchmarks"
    trace, root = os.urandom(16), os.urandom(8)
    for number in range(spans):
        _fill(scope.spans.add(), trace, root if number == 0 else os.urandom(8), root if number else b"", number, now)
    return message


def _fill(span: Span, trace: bytes, id_: bytes, parent: bytes, number: int, now: int) -> None:
    span.trace_id, span.span_id, span.parent_span_id = trace, id_, parent
    span.name, span.kind = f"POST /orders {number % 7}", Span.SPAN_KIND_CLIENT
    span.start_time_unix_nano, span.end_time_unix_nano = now, now + 5_000_000
    for name, value in _TEXTS.items():
        _text(span.attributes.add(), name, value)
    _text(span.attributes.add(), "url.full", f"https://orders.example/orders/{number}-{id_.hex()}")
    for name, count in (("http.response.status_code", 200), ("thread.id", 1), ("network.peer.port", 40_000 + number)):
        attribute = span.attributes.add(key=name)
        attribute.value.int_value = count
    span.links.add(trace_id=trace, span_id=os.urandom(8))
    if number % 5 == 0:
        event = span.events.add(name="sent", time_unix_nano=now)
        _text(event.attributes.add(), "message.id", id_.hex())


def _text(attribute: KeyValue, name: str, value: str) -> None:
    attribute.key = name
    attribute.value.string_value = value
