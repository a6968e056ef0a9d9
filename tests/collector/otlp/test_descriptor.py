"""Nothing that OTLP can say is lost without a reason."""

from collections.abc import Iterator
from typing import Final

from google.protobuf.descriptor import Descriptor

from collector.otlp.decode.descriptor import PROFILING_ONLY
from collector.otlp.signals import SIGNALS
from collector.store.database import Database

#: Where each message of the protocol is kept.
TABLES: Final = {
    "Span": "spans",
    "Event": "span_events",
    "Link": "span_links",
    "Resource": "resources",
    "InstrumentationScope": "scopes",
    "LogRecord": "logs",
    "Metric": "metric_points",
    "NumberDataPoint": "metric_points",
    "HistogramDataPoint": "metric_points",
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
    "LogRecord.time_unix_nano": ("logs", "time_ns"),
    "LogRecord.observed_time_unix_nano": ("logs", "observed_ns"),
    "ResourceLogs.schema_url": ("resources", "schema_url"),
    "ScopeLogs.schema_url": ("scopes", "schema_url"),
    "ResourceMetrics.schema_url": ("resources", "schema_url"),
    "ScopeMetrics.schema_url": ("scopes", "schema_url"),
    **{
        f"{point}.{theirs}": ("metric_points", ours)
        for point in ("NumberDataPoint", "HistogramDataPoint")
        for theirs, ours in (("start_time_unix_nano", "start_ns"), ("time_unix_nano", "time_ns"))
    },
    "NumberDataPoint.as_double": ("metric_points", "value"),
    "NumberDataPoint.as_int": ("metric_points", "int_value"),
    "HistogramDataPoint.explicit_bounds": ("metric_points", "bounds"),
    "Sum.is_monotonic": ("metric_points", "is_monotonic"),
    **{
        f"{metric}.{field}": ("metric_points", column)
        for metric in ("Gauge", "Sum", "Histogram")
        for field, column in (("data_points", "point_id"), ("aggregation_temporality", "temporality"))
    },
    **{f"Metric.{kind}": ("metric_points", "kind") for kind in ("gauge", "sum", "histogram")},
}

#: Messages of which nothing is kept, and why.
NOT_KEPT: Final = {
    "Exemplar": "single measurements behind a sum: the spans that they name are here",
    "ExponentialHistogram": "counted, and told to its sender",
    "ExponentialHistogramDataPoint": "counted, and told to its sender",
    "Buckets": "counted, and told to its sender",
    "Summary": "counted, and told to its sender: a kind that OpenTelemetry keeps for what comes from Prometheus",
    "SummaryDataPoint": "counted, and told to its sender",
    "ValueAtQuantile": "counted, and told to its sender",
}

#: Fields without a column of their own, and why.
WITHOUT: Final = {
    "ExportTraceServiceRequest.resource_spans": "the envelope: its content is flattened into spans",
    "ExportLogsServiceRequest.resource_logs": "the envelope: its content is flattened into logs",
    "ExportMetricsServiceRequest.resource_metrics": "the envelope: its content is flattened into metric_points",
    **{f"Resource{kind}.resource": "resource_id of each row" for kind in ("Spans", "Logs", "Metrics")},
    **{f"Scope{kind}.scope": "scope_id of each row" for kind in ("Spans", "Logs", "Metrics")},
    "ResourceLogs.scope_logs": "logs.scope_id",
    "ScopeLogs.log_records": "the logs table",
    "ResourceMetrics.scope_metrics": "metric_points.scope_id",
    "ScopeMetrics.metrics": "the metric_points table",
    "Metric.exponential_histogram": "counted, and told to its sender",
    "Metric.summary": "counted, and told to its sender",
    "Metric.metadata": "reserved for what Prometheus says of a metric's origin; nobody asks for it",
    **{f"{point}.exemplars": NOT_KEPT["Exemplar"] for point in ("NumberDataPoint", "HistogramDataPoint")},
    "ResourceSpans.scope_spans": "spans.scope_id",
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
    for message in (message for signal in SIGNALS for message in messages(signal.request.DESCRIPTOR)):
        for field in () if message.name in NOT_KEPT else message.fields:
            name = f"{message.name}.{field.name}"
            where = ELSEWHERE.get(name, (TABLES.get(message.name), field.name))
            if where not in columns and name not in WITHOUT and field.name not in PROFILING_ONLY:
                lost.append(name)
    assert lost == []
