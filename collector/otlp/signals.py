"""The signals of OTLP that are received: how each is called, and which messages carry it."""

from dataclasses import dataclass
from types import ModuleType
from typing import Final

from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """One signal. Its request holds resources, these hold scopes, and these hold records.

    Attributes:
        name: the last part of its HTTP path.
        service: the full name of its gRPC service.
        request: what is sent.
        response: what it is answered with.
        sources: the files whose messages the request is made of.
        resources: the request's field of resources.
        scopes: a resource's field of scopes.
        records: a scope's field of records.
        rejected: the field of a partial success that counts what was refused.
    """

    name: str
    service: str
    request: type[Message]
    response: type[Message]
    sources: tuple[ModuleType, ...]
    resources: str
    scopes: str
    records: str
    rejected: str

    @property
    def path(self) -> str:
        """Where it is posted to."""
        return f"/v1/{self.name}"


_SHARED: Final = (common_pb2, resource_pb2)

TRACES: Final = Signal(
    name="traces",
    service="opentelemetry.proto.collector.trace.v1.TraceService",
    request=trace_service_pb2.ExportTraceServiceRequest,
    response=trace_service_pb2.ExportTraceServiceResponse,
    sources=(*_SHARED, trace_pb2, trace_service_pb2),
    resources="resource_spans",
    scopes="scope_spans",
    records="spans",
    rejected="rejected_spans",
)
LOGS: Final = Signal(
    name="logs",
    service="opentelemetry.proto.collector.logs.v1.LogsService",
    request=logs_service_pb2.ExportLogsServiceRequest,
    response=logs_service_pb2.ExportLogsServiceResponse,
    sources=(*_SHARED, logs_pb2, logs_service_pb2),
    resources="resource_logs",
    scopes="scope_logs",
    records="log_records",
    rejected="rejected_log_records",
)
METRICS: Final = Signal(
    name="metrics",
    service="opentelemetry.proto.collector.metrics.v1.MetricsService",
    request=metrics_service_pb2.ExportMetricsServiceRequest,
    response=metrics_service_pb2.ExportMetricsServiceResponse,
    sources=(*_SHARED, metrics_pb2, metrics_service_pb2),
    resources="resource_metrics",
    scopes="scope_metrics",
    records="metrics",
    rejected="rejected_data_points",
)
SIGNALS: Final = (TRACES, LOGS, METRICS)

_PATHS: Final = frozenset(signal.path for signal in SIGNALS)


def is_telemetry(path: str) -> bool:
    """Returns whether a path is one that telemetry is sent to, whatever slashes are around it."""
    return f"/{path.strip('/')}" in _PATHS
