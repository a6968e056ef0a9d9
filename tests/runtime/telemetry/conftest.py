"""A receiver, an observer whose spans stay in memory, and an environment without OpenTelemetry's variables."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from runtime.facts import Observer
from runtime.settings import Settings
from runtime.telemetry.setup import build_observer
from tests.runtime.telemetry.receiver import Receiver


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("OTEL_", "CAUSELINE_")):
            monkeypatch.delenv(name)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An OTLP receiver that is up."""
    server = Receiver()
    yield server
    server.close()


@dataclass(frozen=True)
class Recorder:
    """An observer and the spans that it made."""

    observer: Observer
    exporter: InMemorySpanExporter
    provider: TracerProvider

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()

    @property
    def only(self) -> ReadableSpan:
        (span,) = self.spans
        return span


def record(**settings: object) -> Recorder:
    """A recorder with these settings."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    observer = build_observer("logistics", Settings(**settings), None, provider=provider)
    return Recorder(observer, exporter, provider)


@pytest.fixture
def recorder() -> Recorder:
    """An observer with the default settings."""
    return record()
