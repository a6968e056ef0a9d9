"""OpenTelemetry's own exporters, as they present a token."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from runtime.tokens import Scope, create
from tests.collector.live import LiveCollector


@pytest.fixture
def spans() -> tuple[ReadableSpan, ...]:
    """One span."""
    made, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(made))
    provider.get_tracer("test").start_span("work").end()
    return made.get_finished_spans()


@pytest.fixture(params=["http", "grpc"])
def exporter(
    request: pytest.FixtureRequest, collector: LiveCollector, monkeypatch: pytest.MonkeyPatch
) -> Iterator[type[SpanExporter]]:
    """The exporter, told where to send by its variables alone."""
    http = request.param == "http"
    endpoint = collector.url if http else f"http://127.0.0.1:{collector.grpc_port}"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return HttpExporter if http else GrpcExporter


def test_the_standard_variable_presents_a_token(
    exporter: type[SpanExporter], path: Path, spans: tuple[ReadableSpan, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused without, taken with it; neither tries again in vain."""
    token = create(path.parent, "sender", [Scope.INGEST])
    for headers, result in (
        ("", SpanExportResult.FAILURE),
        (f"authorization=Bearer%20{token}", SpanExportResult.SUCCESS),
    ):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", headers)
        sender = exporter()
        assert sender.export(spans) is result
        sender.shutdown()
