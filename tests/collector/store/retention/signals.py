"""Requests with one log record, or one data point."""

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from tests.collector.store.retention.stores import DAY_MS
from tests.collector.story import MS, ORIGIN_NS


def log(text: str, trace_id: bytes = b"", day: float = 0) -> bytes:
    """A log record of a trace, or of none; the text is its severity's."""
    request = ExportLogsServiceRequest()
    record = request.resource_logs.add().scope_logs.add().log_records.add()
    record.time_unix_nano = ORIGIN_NS + int(day * DAY_MS * MS)
    record.severity_text = text
    record.trace_id = trace_id
    return request.SerializeToString()


def points(day: float = 0) -> bytes:
    """A data point of a gauge."""
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name="load")
    metric.gauge.data_points.add(as_double=0.5, time_unix_nano=ORIGIN_NS + int(day * DAY_MS * MS))
    return request.SerializeToString()
