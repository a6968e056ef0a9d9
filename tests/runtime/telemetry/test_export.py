"""Spans on their way to a real receiver: up, away, back, overloaded, hanging, and across the death of a process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from runtime.causality.trace_context import TraceContext
from runtime.facts import Observer
from runtime.settings import Settings
from runtime.silent import SilentObserver
from runtime.telemetry.setup import build_observer
from tests.runtime.telemetry import samples
from tests.runtime.telemetry.receiver import Receiver

Opener = Callable[..., Observer]

TELL_AND_HANG = """
import signal, sys
from pathlib import Path
from runtime.settings import Settings
from runtime.telemetry.setup import build_observer
from tests.runtime.telemetry import samples
observer = build_observer("logistics", Settings(), Path(sys.argv[1]), endpoint=sys.argv[2])
observer.emit(samples.run_started())
assert observer.flush(10)
print("told", flush=True)
signal.pause()
"""

TELL_AND_LEAVE = """
import sys
from pathlib import Path
from runtime.settings import Settings
from runtime.telemetry.setup import build_observer
from tests.runtime.telemetry import samples
build_observer("logistics", Settings(), Path(sys.argv[1]), endpoint=sys.argv[2]).emit(samples.run_started())
"""


@pytest.fixture
def opened(tmp_path: Path, request: pytest.FixtureRequest) -> Opener:
    """Opens observers that are closed when the test ends."""

    def opener(url: str, home: Path | None = tmp_path, **settings: object) -> Observer:
        observer = build_observer("logistics", Settings(**settings), home, endpoint=url)
        request.addfinalizer(observer.close)
        return observer

    return opener


def numbered(number: int, **changes: object) -> samples.RunStarted:
    """The start of a run of its own."""
    return samples.run_started(span=TraceContext(samples.TRACE, number), subject=f"S-{number}", **changes)


def numbers(spans: list[Span]) -> list[int]:
    """The span ids, which the tests above number."""
    return [int.from_bytes(span.span_id) for span in spans]


def test_a_span_arrives_with_who_made_it(receiver: Receiver, opened: Opener, monkeypatch: pytest.MonkeyPatch):
    """Resource, scope, ids, kind; what the operator set in the environment joins."""
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
    observer = opened(receiver.url)
    observer.emit(samples.run_started())
    assert observer.flush(10)
    (of_resource,) = receiver.requests[0].resource_spans
    resource = {pair.key: pair.value.string_value for pair in of_resource.resource.attributes}
    instance = resource.pop("service.instance.id")
    assert f"-{os.getpid()}-" in instance
    assert resource.pop("telemetry.sdk.version")
    assert resource == {
        "service.name": "logistics",
        "deployment.environment.name": "test",
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": "opentelemetry",
    }
    (of_scope,) = of_resource.scope_spans
    assert (of_scope.scope.name, of_scope.scope.version) == ("causeline", "1")
    (span,) = of_scope.spans
    assert (int.from_bytes(span.trace_id), numbers([span])) == (samples.TRACE, [0xA1])
    assert (span.name, span.kind) == ("start shipment", Span.SPAN_KIND_PRODUCER)


def test_the_environment_names_the_service_and_the_receiver(
    receiver: Receiver, opened: Opener, monkeypatch: pytest.MonkeyPatch
):
    """The operator's word wins over the code's."""
    monkeypatch.setenv("OTEL_SERVICE_NAME", "renamed")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    observer = opened("http://127.0.0.1:1")
    observer.emit(samples.run_started())
    assert observer.flush(10)
    attributes = receiver.requests[0].resource_spans[0].resource.attributes
    assert [pair.value.string_value for pair in attributes if pair.key == "service.name"] == ["renamed"]


@pytest.mark.parametrize(("name", "value"), [("OTEL_SDK_DISABLED", "True"), ("OTEL_TRACES_EXPORTER", "none")])
def test_telemetry_can_be_turned_off_by_the_standard_variables(monkeypatch: pytest.MonkeyPatch, name: str, value: str):
    """Then nobody is told."""
    monkeypatch.setenv(name, value)
    assert isinstance(build_observer("logistics", Settings(), None), SilentObserver)


def test_telemetry_can_be_turned_off_by_the_setting():
    """Then nobody is told."""
    assert isinstance(build_observer("logistics", Settings(telemetry=False), None), SilentObserver)


def test_spans_wait_on_disk_while_the_collector_is_away_and_arrive_when_it_is_back(opened: Opener, tmp_path: Path):
    """Nothing is lost, the oldest arrive first, and no new span is needed to set them going."""
    away = Receiver()
    away.close()
    observer = opened(away.url)
    for number in (1, 2, 3):
        observer.emit(numbered(number))
        assert observer.flush(10)
    assert len(list((tmp_path / "spool").iterdir())) == 3
    back = Receiver(away.port)
    try:
        back.wait_for(3)
        assert numbers(back.spans) == [1, 2, 3]
    finally:
        back.close()


def test_an_overloaded_collector_gets_the_batch_later(receiver: Receiver, opened: Opener):
    """Once, after the pause."""
    receiver.answers.append((503, {"retry-after": "1"}, b""))
    observer = opened(receiver.url)
    observer.emit(numbered(1))
    assert observer.flush(10)
    assert receiver.spans == []
    receiver.wait_for(1)
    assert numbers(receiver.spans) == [1]


def test_a_collector_that_is_away_is_left_alone_for_a_while(receiver: Receiver, opened: Opener):
    """Meanwhile batches go to disk without a request each."""
    receiver.answers.append((503, {"retry-after": "30"}, b""))
    observer = opened(receiver.url)
    for number in (1, 2, 3):
        observer.emit(numbered(number))
        assert observer.flush(10)
    assert len(receiver.headers) == 1


def test_a_span_that_can_not_be_written_does_not_cost_its_neighbours(receiver: Receiver, opened: Opener):
    """User code holds the current span, and may do to it what it likes."""
    observer = opened(receiver.url)
    attempt = observer.open(samples.step_begun())
    with attempt.activate():
        trace.get_current_span().update_name("\udc80")
    attempt.end(samples.step_ended())
    observer.emit(numbered(1))
    assert not observer.flush(10)
    assert numbers(receiver.spans) == [1]


def test_what_is_refused_is_dropped_counted_and_told_with_the_next_spans(
    receiver: Receiver, opened: Opener, caplog: pytest.LogCaptureFixture
):
    """Sending it again would be refused again."""
    receiver.answers.append((400, {}, b""))
    observer = opened(receiver.url)
    observer.emit(numbered(1))
    assert not observer.flush(10)
    observer.emit(numbered(2))
    assert observer.flush(10)
    assert numbers(receiver.spans) == [2]
    attributes = receiver.requests[0].resource_spans[0].resource.attributes
    dropped = [pair.value.int_value for pair in attributes if pair.key == "causeline.telemetry.dropped_spans"]
    assert dropped == [1]
    assert "1 spans were dropped" in caplog.text
    assert "S-1" not in caplog.text


def test_without_a_folder_spans_wait_in_memory(opened: Opener):
    """A flush then says that they are not safe."""
    away = Receiver()
    away.close()
    observer = opened(away.url, home=None)
    observer.emit(numbered(1))
    assert not observer.flush(10)
    back = Receiver(away.port)
    try:
        back.wait_for(1)
    finally:
        back.close()


def test_a_killed_process_loses_nothing_that_was_flushed(tmp_path: Path, opened: Opener):
    """Another process with the same home sends it."""
    away = Receiver()
    away.close()
    command = [sys.executable, "-c", TELL_AND_HANG, str(tmp_path), away.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"told\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
    back = Receiver(away.port)
    try:
        opened(back.url)
        back.wait_for(1)
        assert back.names == ["start shipment"]
    finally:
        back.close()


def test_a_process_that_ends_without_closing_loses_nothing(tmp_path: Path, receiver: Receiver):
    """A script of three lines closes nothing."""
    command = [sys.executable, "-c", TELL_AND_LEAVE, str(tmp_path), receiver.url]
    subprocess.run(command, check=True, timeout=30)
    assert receiver.names == ["start shipment"]


def test_closing_is_quick_and_loses_nothing_when_the_collector_hangs(
    receiver: Receiver, opened: Opener, tmp_path: Path
):
    """What is on its way, what waits in memory: all is on disk within three seconds."""
    receiver.gate.clear()
    observer = opened(receiver.url)
    observer.emit(numbered(1))
    assert not observer.flush(0.2)
    observer.emit(numbered(2))
    began = time.monotonic()
    observer.close()
    assert time.monotonic() - began < 3
    receiver.gate.set()
    opened(receiver.url)
    receiver.wait_for(2)
    assert set(numbers(receiver.spans)) == {1, 2}


def test_many_spans_all_arrive_in_bounded_batches(receiver: Receiver, opened: Opener):
    """Each once."""
    observer = opened(receiver.url)
    for number in range(1, 2001):
        observer.emit(numbered(number))
    assert observer.flush(20)
    assert sorted(numbers(receiver.spans)) == list(range(1, 2001))
    sizes = [len(request.resource_spans[0].scope_spans[0].spans) for request in receiver.requests]
    assert max(sizes) <= 512


def test_spans_that_come_too_fast_are_dropped_and_counted(
    receiver: Receiver, opened: Opener, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """The work never waits for telemetry."""
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "2")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "60000")
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1")
    receiver.gate.clear()
    observer = opened(receiver.url)
    for number in range(1, 9):
        observer.emit(numbered(number))
    receiver.gate.set()
    observer.flush(10)
    assert 2 <= len(receiver.spans) <= 3
    assert "faster than they could be handed over" in caplog.text


def test_unsampled_dead_letters_are_sent_too(receiver: Receiver, opened: Opener):
    """The flag on the wire says sampled, or a collector in between might drop them."""
    observer = opened(receiver.url)
    letter = samples.dead_lettered()
    observer.emit(replace(letter, span=replace(letter.span, sampled=False)))
    assert observer.flush(10)
    assert receiver.names == ["dead_letter shipment.delivered"]
