"""What the official clients send over each transport arrives: traces, logs and metrics."""

import logging
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogs
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetrics
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetrics
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from collector.client import CollectorClient
from collector.store.values import decode_attributes
from tests.collector.live import LiveCollector

SHOP = Resource({"service.name": "shop"})


@pytest.fixture(params=["http", "grpc"])
def transport(request: pytest.FixtureRequest) -> str:
    """What is sent over."""
    return str(request.param)


@pytest.fixture(autouse=True)
def _no_complaint(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No exporter says a word."""
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def exporter(collector: LiveCollector, transport: str, http: Any, grpc: Any, signal: str) -> Any:
    """The official one."""
    if transport == "http":
        return http(f"{collector.url}/v1/{signal}")
    return grpc(f"127.0.0.1:{collector.grpc_port}", insecure=True)


def rows(collector: LiveCollector, table: str) -> list[dict[str, Any]]:
    """All that a table holds."""
    with closing(collector.database._connection.cursor()) as cursor:
        found = cursor.table(table)
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def test_spans_arrive(collector: LiveCollector, client: CollectorClient, transport: str) -> None:
    """With the types of their attributes."""
    provider = TracerProvider(resource=SHOP, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter(collector, transport, HttpSpans, GrpcSpans, "traces")))
    with provider.get_tracer("tests").start_as_current_span(
        "work", attributes={"n": 3, "x": 0.5, "tags": ["a"]}
    ) as span:
        pass
    provider.shutdown()
    (found,) = client.trace(f"{span.get_span_context().trace_id:032x}").spans
    assert (found.name, found.attributes) == ("work", {"n": 3, "x": 0.5, "tags": ["a"]})


def test_logs_arrive_with_their_span(collector: LiveCollector, transport: str) -> None:
    """Severity, body, attributes and where they come from."""
    provider = LoggerProvider(resource=SHOP, shutdown_on_exit=False)
    provider.add_log_record_processor(
        BatchLogRecordProcessor(exporter(collector, transport, HttpLogs, GrpcLogs, "logs"))
    )
    tracer = TracerProvider(resource=SHOP, shutdown_on_exit=False).get_tracer("tests")
    with tracer.start_as_current_span("work") as span:
        provider.get_logger("tests").emit(
            timestamp=1_700_000_000_000_000_001,
            severity_number=SeverityNumber.ERROR,
            severity_text="ERROR",
            body="no money",
            attributes={"order": 7},
            event_name="refused",
        )
    provider.shutdown()
    (record,) = rows(collector, "logs")
    context = span.get_span_context()
    assert (record["trace_id"].int, record["span_id"]) == (context.trace_id, context.span_id)
    assert (record["severity_text"], record["body"]["text"], record["service"]) == ("ERROR", "no money", "shop")
    assert (record["time_ns"], record["severity_number"]) == (1_700_000_000_000_000_001, 17)
    assert (record["event_name"], record["observed_ns"] > 0) == ("refused", True)
    assert decode_attributes(record["attributes"]) == {"order": 7}


def test_data_points_arrive(collector: LiveCollector, transport: str) -> None:
    """Of counters, gauges and histograms."""
    out = exporter(collector, transport, HttpMetrics, GrpcMetrics, "metrics")
    provider = MeterProvider([PeriodicExportingMetricReader(out, 3_600_000)], resource=SHOP, shutdown_on_exit=False)
    meter = provider.get_meter("tests")
    meter.create_counter("orders", "1").add(3, {"kind": "express"})
    meter.create_gauge("load").set(0.5)
    meter.create_histogram("latency", "ms").record(12.0)
    provider.shutdown()
    found = {row["name"]: row for row in rows(collector, "metric_points")}
    assert found.keys() >= {"orders", "load", "latency"}
    orders, load, latency = (found[name] for name in ("orders", "load", "latency"))
    assert (orders["kind"], orders["value"], orders["int_value"], orders["is_monotonic"]) == ("sum", 3.0, 3, True)
    assert (decode_attributes(orders["attributes"]), orders["unit"], orders["service"]) == (
        {"kind": "express"},
        "1",
        "shop",
    )
    assert (load["kind"], load["value"], load["int_value"]) == ("gauge", 0.5, None)
    assert (latency["kind"], latency["count"], latency["sum"], sum(latency["bucket_counts"])) == (
        "histogram",
        1,
        12.0,
        1,
    )


@pytest.mark.parametrize("signal", ["traces", "logs", "metrics"])
def test_an_empty_request_is_a_success(collector: LiveCollector, signal: str) -> None:
    """As the protocol wants it."""
    answer = collector.post(b"", signal=signal)
    assert (answer.status_code, answer.content) == (200, b"")
