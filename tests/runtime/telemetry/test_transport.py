"""What an answer of the collector means, asked of a real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from runtime.telemetry.endpoint import Endpoint, resolve_endpoint
from runtime.telemetry.transport import ExportResult, ExportVerdict, HttpTransport
from runtime.tokens import OwnToken
from tests.runtime.telemetry.receiver import Receiver

BODY = ExportTraceServiceRequest().SerializeToString()


@pytest.fixture
def transport(receiver: Receiver) -> Iterator[HttpTransport]:
    """A client of the receiver."""
    client = HttpTransport(resolve_endpoint({"OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=a"}, receiver.url))
    yield client
    client.close()


def test_a_batch_is_stored(receiver: Receiver, transport: HttpTransport):
    """As protobuf, compressed, with the headers that were asked for."""
    assert transport.send(BODY) == ExportResult(ExportVerdict.STORED)
    (headers,) = receiver.headers
    wanted = ("content-type", "content-encoding", "x-tenant")
    assert [headers[name] for name in wanted] == ["application/x-protobuf", "gzip", "a"]


def test_compression_can_be_turned_off(receiver: Receiver):
    """The body then goes as it is."""
    transport = HttpTransport(Endpoint(f"{receiver.url}/v1/traces", compression="none"))
    assert transport.send(BODY).verdict is ExportVerdict.STORED
    assert "content-encoding" not in receiver.headers[0]
    transport.close()


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_overload_means_later(receiver: Receiver, transport: HttpTransport, status: int):
    """With the pause that the collector asks for."""
    receiver.answers.append((status, {"retry-after": "2"}, b""))
    why = f"127.0.0.1:{receiver.port} answered {status}"
    assert transport.send(BODY) == ExportResult(ExportVerdict.LATER, why, retry_after=2)


@pytest.mark.parametrize("status", [400, 404, 413, 500, 307])
def test_every_other_failure_is_final(receiver: Receiver, transport: HttpTransport, status: int):
    """OTLP says so, for 500 too."""
    receiver.answers.append((status, {"location": "/elsewhere"}, b"not protobuf"))
    why = f"127.0.0.1:{receiver.port} refused them with status {status}"
    assert transport.send(BODY) == ExportResult(ExportVerdict.REFUSED, why)


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_not_good_loses_no_spans(
    receiver: Receiver, transport: HttpTransport, caplog: pytest.LogCaptureFixture, status: int
):
    """They wait until somebody puts it right; that is said once, and again when it is lost again."""
    receiver.answers += [(status, {}, b"")] * 2
    assert [transport.send(BODY).verdict for _ in range(3)] == [
        ExportVerdict.LATER,
        ExportVerdict.LATER,
        ExportVerdict.STORED,
    ]
    assert len(caplog.records) == 1
    assert "CAUSELINE_TOKEN" in caplog.text


def test_the_token_is_read_again_for_each_batch(receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The first one may be made while a worker runs; what `.netrc` says is for others."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ada password s3cret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    transport = HttpTransport(resolve_endpoint({}, receiver.url), OwnToken.find(tmp_path, receiver.url))
    transport._session.trust_env = True
    for token in ("", "one", "two\n"):
        (tmp_path / "token").write_text(token)
        transport.send(BODY)
    transport.close()
    assert [headers.get("authorization") for headers in receiver.headers] == [None, "Bearer one", "Bearer two"]


def test_a_header_of_the_environment_wins_over_the_token(receiver: Receiver, tmp_path: Path):
    """As OpenTelemetry's variables do for all else."""
    endpoint = resolve_endpoint({"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20theirs"}, receiver.url)
    transport = HttpTransport(endpoint, OwnToken("ours", None))
    transport.send(BODY)
    transport.close()
    assert receiver.headers[0]["authorization"] == "Bearer theirs"


def test_spans_left_out_of_a_stored_batch_are_told(receiver: Receiver, transport: HttpTransport):
    """The official exporter never looks."""
    partial = ExportTraceServiceResponse()
    partial.partial_success.rejected_spans = 3
    partial.partial_success.error_message = "bad\nids"
    receiver.answers.append((200, {}, partial.SerializeToString()))
    assert transport.send(BODY) == ExportResult(
        ExportVerdict.STORED, "the collector rejected them: bad ids", rejected=3
    )


def test_a_warning_of_the_collector_is_logged(
    receiver: Receiver, transport: HttpTransport, caplog: pytest.LogCaptureFixture
):
    """Nothing was rejected then."""
    partial = ExportTraceServiceResponse()
    partial.partial_success.error_message = "deprecated"
    receiver.answers.append((200, {}, partial.SerializeToString()))
    assert transport.send(BODY) == ExportResult(ExportVerdict.STORED)
    assert "with a warning: deprecated" in caplog.text


def test_a_success_that_can_not_be_read_is_a_success(receiver: Receiver, transport: HttpTransport):
    """The status is the answer."""
    receiver.answers.append((200, {}, b"\xff\xff"))
    assert transport.send(BODY) == ExportResult(ExportVerdict.STORED)


def test_a_collector_that_is_away_means_later(receiver: Receiver, transport: HttpTransport):
    """Named by host and port, without the rest of the address."""
    receiver.close()
    assert transport.send(BODY) == ExportResult(
        ExportVerdict.LATER, f"127.0.0.1:{receiver.port} can't be reached (ConnectionError)"
    )


def test_a_collector_that_does_not_answer_means_later(receiver: Receiver):
    """After the timeout."""
    receiver.gate.clear()
    transport = HttpTransport(Endpoint(f"{receiver.url}/v1/traces", timeout=0.05))
    assert transport.send(BODY).verdict is ExportVerdict.LATER
    transport.close()
