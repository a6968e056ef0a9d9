"""Requests of every signal whose records all carry one mark, by which they are found again where they are stored."""

import hashlib
import time
from pathlib import Path
from typing import Final

import duckdb
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from collector.otlp.signals import LOGS, METRICS, TRACES, Signal
from tests.collector.story import any_value

Request = ExportTraceServiceRequest | ExportLogsServiceRequest | ExportMetricsServiceRequest

#: Where the mark of a record stands in the store.
_COUNTS: Final = {
    TRACES: "SELECT name, count(*) FROM spans GROUP BY name",
    LOGS: "SELECT event_name, count(*) FROM logs GROUP BY event_name",
    METRICS: "SELECT name, count(*) FROM metric_points GROUP BY name",
}


def request(signal: Signal, mark: str, count: int, service: str = "sender") -> Request:
    """A request of so many records, all with the mark as their name."""
    return {TRACES: _spans, LOGS: _logs, METRICS: _points}[signal](mark, count, service)


def counts(path: Path, signal: Signal) -> dict[str, int]:
    """How many records each mark has in the database of a collector that is gone."""
    with duckdb.connect(path, read_only=True) as connection:
        return dict(connection.execute(_COUNTS[signal]).fetchall())


def _resource(service: str) -> Resource:
    return Resource(attributes=[KeyValue(key="service.name", value=any_value(service))])


def _spans(mark: str, count: int, service: str) -> ExportTraceServiceRequest:
    made, now = ExportTraceServiceRequest(), time.time_ns()
    scope = made.resource_spans.add(resource=_resource(service)).scope_spans.add()
    trace = hashlib.sha256(mark.encode()).digest()[:16]
    for index in range(count):
        scope.spans.add(
            trace_id=trace,
            span_id=hashlib.sha256(f"{mark}/{index}".encode()).digest()[:8],
            name=mark,
            start_time_unix_nano=now,
            end_time_unix_nano=now + 1_000_000,
            attributes=[KeyValue(key="n", value=any_value(index))],
        )
    return made


def _logs(mark: str, count: int, service: str) -> ExportLogsServiceRequest:
    made, now = ExportLogsServiceRequest(), time.time_ns()
    scope = made.resource_logs.add(resource=_resource(service)).scope_logs.add()
    for index in range(count):
        scope.log_records.add(
            time_unix_nano=now, observed_time_unix_nano=now, event_name=mark, body=any_value(f"record {index}")
        )
    return made


def _points(mark: str, count: int, service: str) -> ExportMetricsServiceRequest:
    made, now = ExportMetricsServiceRequest(), time.time_ns()
    scope = made.resource_metrics.add(resource=_resource(service)).scope_metrics.add()
    gauge = scope.metrics.add(name=mark, unit="1").gauge
    for index in range(count):
        point = gauge.data_points.add(time_unix_nano=now, as_double=float(index))
        point.attributes.append(KeyValue(key="n", value=any_value(index)))
    return made
