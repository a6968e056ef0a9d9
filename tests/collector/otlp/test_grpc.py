"""OTLP over gRPC, to the letter."""

from pathlib import Path

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from collector.otlp.decode.checks import BAD_SPAN_ID
from collector.otlp.signals import SIGNALS, TRACES, Signal
from collector.store.queries import Query
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import Story, place


def export(collector: LiveCollector, body: bytes, signal: Signal = TRACES) -> bytes:
    """One request, whatever its bytes are."""
    with grpc.insecure_channel(f"127.0.0.1:{collector.grpc_port}") as channel:
        call = channel.unary_unary(f"/{signal.service}/Export")
        answer: bytes = call(body, timeout=20, wait_for_ready=True)
        return answer


def refused(collector: LiveCollector, body: bytes) -> grpc.RpcError:
    """Why one was refused."""
    with pytest.raises(grpc.RpcError) as raised:
        export(collector, body)
    return raised.value


def story(*names: str) -> Story:
    """Spans of some names."""
    made = Story()
    for name in names:
        made.add(name, place("t", name))
    return made


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_an_empty_request_is_a_success(collector: LiveCollector, signal: Signal) -> None:
    """With partial success unset."""
    assert export(collector, b"", signal) == b""


def test_a_bad_span_costs_itself_alone(collector: LiveCollector) -> None:
    """It is counted with its reason."""
    spans = story("good", "bad")
    spans.spans[1].span_id = b"x"
    answer = ExportTraceServiceResponse.FromString(export(collector, spans.request()))
    assert answer.partial_success.rejected_spans == 1
    assert answer.partial_success.error_message == f"1 refused: {BAD_SPAN_ID}"


def test_what_is_no_request_is_an_invalid_argument(collector: LiveCollector) -> None:
    """Senders must not try again."""
    error = refused(collector, b"\xff\xff")
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "not a valid ExportTraceServiceRequest" in error.details()


@pytest.mark.parametrize("number", [0, 2, 3])
def test_a_request_of_any_other_number_of_messages_is_refused_whole(collector: LiveCollector, number: int) -> None:
    """What is answered has been stored; a second message would be neither stored nor refused."""
    with grpc.insecure_channel(f"127.0.0.1:{collector.grpc_port}") as channel:
        call = channel.stream_unary(f"/{TRACES.service}/Export")
        with pytest.raises(grpc.RpcError) as raised:
            call(iter([story("one").request()] * number), timeout=20, wait_for_ready=True)
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "message" in raised.value.details()
    with collector.database.reading() as session:
        assert session.one(Query.LISTS_EXTENT)["spans"] == 0


def test_what_is_too_large_exhausts_resources_for_good(path: Path) -> None:
    """Without a time to try again at."""
    with LiveCollector(path, MemoryBus(), request_limit=1000) as collector:
        error = refused(collector, bytes(5000))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "grpc-status-details-bin" not in dict(error.trailing_metadata())


def test_pressure_is_unavailable_with_a_time_to_try_again(path: Path) -> None:
    """The writer is held up while the queue fills."""
    with LiveCollector(path, MemoryBus(), queue_limit=1) as collector:
        collector.writer._waiting.size = 1
        error = refused(collector, story("a").request())
        collector.writer._waiting.size = 0
        assert export(collector, story("a").request()) == b""
    assert (error.code(), error.details()) == (
        grpc.StatusCode.UNAVAILABLE,
        "1 spans wait to be stored (CAUSELINE_QUEUE_LIMIT)",
    )
    status = Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    retry = RetryInfo()
    assert status.details[0].Unpack(retry)
    assert retry.retry_delay.seconds == 1
