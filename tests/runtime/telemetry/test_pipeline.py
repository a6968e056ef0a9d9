"""The thread between spans and the exporter."""

from opentelemetry import context
from opentelemetry.sdk.trace import TracerProvider

from runtime.clock import SystemClock
from runtime.telemetry.exporter import SpoolingExporter
from runtime.telemetry.losses import Losses
from runtime.telemetry.pause import Pause
from runtime.telemetry.pipeline import BatchSettings, Pipeline
from runtime.telemetry.spool import MemorySpool
from runtime.telemetry.transport import ExportResult, ExportVerdict


class Watched:
    """A transport that notes under which context it sends."""

    def __init__(self) -> None:
        self.suppressed: list[object] = []

    def send(self, body: bytes) -> ExportResult:
        self.suppressed.append(context.get_value("suppress_instrumentation"))
        return ExportResult(ExportVerdict.STORED)

    def close(self) -> None:
        """Nothing to let go."""


def test_sending_spans_makes_no_spans():
    """An instrumented `requests` would otherwise trace each export, which would be exported in turn."""
    losses, transport = Losses(SystemClock()), Watched()
    exporter = SpoolingExporter(transport, MemorySpool(1000, losses), Pause(SystemClock()), losses)
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(Pipeline(exporter, losses, BatchSettings()))
    provider.get_tracer("any").start_span("any").end()
    assert provider.force_flush(5000)
    provider.shutdown()
    assert transport.suppressed == [True]


def test_spans_that_end_after_closing_are_counted():
    """They can't be sent any more."""
    losses = Losses(SystemClock())
    exporter = SpoolingExporter(Watched(), MemorySpool(1000, losses), Pause(SystemClock()), losses)
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(Pipeline(exporter, losses, BatchSettings()))
    late = provider.get_tracer("any").start_span("late")
    provider.shutdown()
    late.end()
    assert losses.total == 1


def test_the_pace_follows_the_standard_variables():
    """What is no positive whole number is ignored; a batch is never larger than the queue."""
    environ = {
        "OTEL_BSP_SCHEDULE_DELAY": "250",
        "OTEL_BSP_MAX_QUEUE_SIZE": "100",
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "-3",
    }
    assert BatchSettings.from_environ(environ) == BatchSettings(delay=0.25, queue=100, batch=100)
    assert BatchSettings.from_environ(
        {"OTEL_BSP_MAX_QUEUE_SIZE": "", "OTEL_BSP_SCHEDULE_DELAY": ""}
    ) == BatchSettings.from_environ({})
    assert BatchSettings.from_environ({}) == BatchSettings(delay=0.5, queue=16_384, batch=512)
