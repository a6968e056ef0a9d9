"""Nothing that OTLP can say about a trace is lost without a reason."""

from collections.abc import Iterator
from typing import Final

from google.protobuf.descriptor import Descriptor
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.otlp.decode.descriptor import PROFILING_ONLY
from collector.store.database import Database

#: Where each message of the protocol is kept.
TABLES: Final = {
    "Span": "spans",
    "Event": "span_events",
    "Link": "span_links",
    "Resource": "resources",
    "InstrumentationScope": "scopes",
}

#: Fields whose columns are called otherwise, or lie in another table.
ELSEWHERE: Final = {
    "Span.start_time_unix_nano": ("spans", "start_ns"),
    "Span.end_time_unix_nano": ("spans", "end_ns"),
    "Event.time_unix_nano": ("span_events", "time_ns"),
    "Link.trace_id": ("span_links", "linked_trace_id"),
    "Link.span_id": ("span_links", "linked_span_id"),
    "Status.message": ("spans", "status_message"),
    "Status.code": ("spans", "status_code"),
    "ResourceSpans.schema_url": ("resources", "schema_url"),
    "ScopeSpans.schema_url": ("scopes", "schema_url"),
    "Span.events": ("span_events", "span_id"),
    "Span.links": ("span_links", "span_id"),
    "Span.status": ("spans", "status_code"),
}

#: Fields without a column of their own, and why.
WITHOUT: Final = {
    "ExportTraceServiceRequest.resource_spans": "the envelope: its content is flattened into spans",
    "ResourceSpans.resource": "spans.resource_id",
    "ResourceSpans.scope_spans": "spans.scope_id",
    "ScopeSpans.scope": "spans.scope_id",
    "ScopeSpans.spans": "the spans table",
    "KeyValue.key": "within every attributes column",
    "KeyValue.value": "within every attributes column",
    "ArrayValue.values": "within every attributes column",
    "KeyValueList.values": "within every attributes column, as wire bytes",
    **{
        f"AnyValue.{name}": "within every attributes column"
        for name in ("string_value", "bool_value", "int_value", "double_value", "bytes_value")
    },
    "AnyValue.array_value": "within every attributes column; a list in a list as wire bytes",
    "AnyValue.kvlist_value": "within every attributes column, as wire bytes",
    **{
        f"EntityRef.{name}": "within resources.entity_refs"
        for name in ("schema_url", "type", "id_keys", "description_keys")
    },
}


def messages(descriptor: Descriptor, seen: set[str] | None = None) -> Iterator[Descriptor]:
    """A message and all that it may hold, each once."""
    seen = set() if seen is None else seen
    if descriptor.full_name in seen:
        return
    seen.add(descriptor.full_name)
    yield descriptor
    for field in descriptor.fields:
        if field.message_type:
            yield from messages(field.message_type, seen)


def test_every_field_of_the_protocol_has_a_column_or_a_reason(database: Database) -> None:
    """Walks OpenTelemetry's own descriptor, so a field that a new version adds is noticed here."""
    columns = set(database._connection.execute("SELECT table_name, column_name FROM duckdb_columns()").fetchall())
    lost = []
    for message in messages(ExportTraceServiceRequest.DESCRIPTOR):
        for field in message.fields:
            name = f"{message.name}.{field.name}"
            where = ELSEWHERE.get(name, (TABLES.get(message.name), field.name))
            if where not in columns and name not in WITHOUT and field.name not in PROFILING_ONLY:
                lost.append(name)
    assert lost == []
