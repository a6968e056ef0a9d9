"""OTLP over HTTP, to the letter, with the official client where it can say what is to be said."""

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from collector.client import CollectorClient
from collector.otlp.decode.checks import BAD_TRACE_ID
from tests.collector.live import PROTOBUF, LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import Story, place


def one_span() -> bytes:
    """The smallest request that says something."""
    story = Story()
    story.add("work", place("t", "s"))
    return story.request()


@pytest.mark.parametrize("compression", [Compression.NoCompression, Compression.Gzip])
def test_spans_of_the_official_client_arrive_whole(
    collector: LiveCollector, client: CollectorClient, compression: Compression
) -> None:
    """Names, types of attributes, events, resource, scope: with every compression that the protocol asks for."""
    provider = TracerProvider(resource=Resource({"service.name": "shop"}), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(f"{collector.url}/v1/traces", compression=compression)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("tests", "1.0")
    with tracer.start_as_current_span("outer", attributes={"n": 3, "x": 0.5, "yes": True, "tags": ["a", "b"]}) as outer:
        outer.add_event("noted", {"why": "because"})
        with tracer.start_as_current_span("inner"):
            pass
    provider.shutdown()

    context = outer.get_span_context()
    trace = client.trace(f"{context.trace_id:032x}")

    found = {span.name: span for span in trace.spans}
    assert found["inner"].parent_span_id == found["outer"].span_id == f"{context.span_id:016x}"
    assert found["outer"].attributes == {"n": 3, "x": 0.5, "yes": True, "tags": ["a", "b"]}
    assert type(found["outer"].attributes["n"]) is int
    assert [(event.name, event.attributes) for event in found["outer"].events] == [("noted", {"why": "because"})]
    assert found["outer"].resource["service.name"] == "shop"
    assert found["outer"].scope == "tests"


def test_success_leaves_partial_success_unset(collector: LiveCollector) -> None:
    """200, the message's own type, and nothing in it."""
    response = collector.post(one_span())

    assert (response.status_code, response.headers["content-type"]) == (200, "application/x-protobuf")
    assert not ExportTraceServiceResponse.FromString(response.content).HasField("partial_success")


def test_an_empty_request_succeeds(collector: LiveCollector) -> None:
    """There is nothing to store, so nothing can go wrong."""
    assert collector.post(b"").status_code == 200


def test_bad_spans_in_a_good_batch_are_counted_in_the_answer_and_in_the_store(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """The good ones are stored; senders never read the count, so the overview shows it as well."""
    story = Story()
    for name in ("good", "bad", "worse"):
        story.add(name, place("t", name))
    story.spans[1].trace_id = b"x"
    story.spans[2].span_id = bytes(8)

    response = collector.post(story.request())

    partial = ExportTraceServiceResponse.FromString(response.content).partial_success
    assert response.status_code == 200
    assert partial.rejected_spans == 2
    assert "1 refused: trace_id" in partial.error_message
    assert [span.name for span in client.trace(f"{place('t', 'good').trace:032x}").spans] == ["good"]
    overview = client.overview()
    assert (overview.spans_stored, overview.spans_rejected) == (1, 2)
    assert "2 spans, log records or data points were refused" in [problem.title for problem in overview.problems]


def test_a_request_of_bad_spans_alone_is_still_remembered(collector: LiveCollector, client: CollectorClient) -> None:
    """Nothing is stored but the refusal."""
    story = Story()
    story.add("bad", place("t", "s")).trace_id = b""

    assert collector.post(story.request()).status_code == 200
    assert client.overview().spans_rejected == 1


def test_undecodable_bytes_are_400_with_a_status_in_protobuf(collector: LiveCollector) -> None:
    """Senders must not try again."""
    response = collector.post(b"\xff\xff")

    assert (response.status_code, response.headers["content-type"]) == (400, "application/x-protobuf")
    assert "ExportTraceServiceRequest" in Status.FromString(response.content).message


def test_bad_gzip_is_400(collector: LiveCollector) -> None:
    """It can't be decoded either."""
    assert collector.post(one_span(), **{"content-encoding": "gzip"}).status_code == 400


def test_gzip_is_understood(collector: LiveCollector) -> None:
    """By hand, beside what the official client sends."""
    assert collector.post(gzip.compress(one_span()), **{"content-encoding": "gzip"}).status_code == 200


def test_the_limit_counts_after_decompression(path: Path) -> None:
    """A small body that becomes a large one is 413, and so is a large one."""
    with LiveCollector(path, MemoryBus(), request_limit=10_000) as collector:
        packed = collector.post(gzip.compress(bytes(100_000)), **{"content-encoding": "gzip"})
        plain = collector.post(bytes(100_000))

        assert (packed.status_code, plain.status_code) == (413, 413)
        assert "10000 bytes" in Status.FromString(packed.content).message


@pytest.mark.parametrize("content_type", ["application/cbor", "text/plain", ""])
def test_other_types_are_415(collector: LiveCollector, content_type: str) -> None:
    """In protobuf, which every sender reads."""
    response = httpx.post(
        f"{collector.url}/v1/traces", content=b"{}", headers={"content-type": content_type}, timeout=60
    )

    assert response.status_code == 415
    assert "not supported" in Status.FromString(response.content).message


def test_json_is_answered_in_json(collector: LiveCollector) -> None:
    """Success, partial success and refusal, with and without a slash in front."""
    bad = b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"no id"}]}]}]}'
    partial = {"rejectedSpans": "1", "errorMessage": f"1 refused: {BAD_TRACE_ID}"}
    no_object = {"code": 3, "message": "the body is a JSON list, and no ExportMetricsServiceRequest object"}
    for path, body, status, said in (
        ("/v1/traces", b"{}", 200, {}),
        ("//v1/logs", b"{}", 200, {}),
        ("/v1/metrics", b"[]", 400, no_object),
        ("/v1/traces", bad, 200, {"partialSuccess": partial}),
    ):
        response = httpx.post(
            f"{collector.url}{path}", content=body, headers={"content-type": "application/json"}, timeout=60
        )
        assert (response.status_code, response.headers["content-type"]) == (status, "application/json")
        assert response.json() == said


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress], ids=["gzip", "deflate"])
def test_text_that_is_no_utf8_costs_itself_alone(
    collector: LiveCollector, client: CollectorClient, compress: Callable[[bytes], bytes]
) -> None:
    """The span beside it is stored, the rest of the text too, and the sender is told."""
    story = Story()
    for name in ("good", "bad"):
        story.add(name, place("t", name), attributes={"file": f"{name}-0123456789"})
    body = story.request().replace(b"bad-0123456789", b"bad-caf\xe9_\xff.txt")

    encoding = "gzip" if compress is gzip.compress else "deflate"
    response = collector.post(compress(body), **{"content-encoding": encoding})

    answer = ExportTraceServiceResponse.FromString(response.content).partial_success
    assert (response.status_code, answer.rejected_spans) == (200, 0)
    assert answer.error_message.startswith("1 values: text is not valid UTF-8")
    files = {span.name: span.attributes["file"] for span in client.trace(story.spans[0].trace_id.hex()).spans}
    assert files == {"good": "good-0123456789", "bad": "bad-caf\ufffd_\ufffd.txt"}


@pytest.mark.parametrize("signal", ["traces", "logs", "metrics"])
def test_a_length_that_runs_over_is_400(collector: LiveCollector, signal: str) -> None:
    """The decoder panics there, which is no error of the kind that others are."""
    response = collector.post(b"\x0a" + b"\xff" * 9 + b"\x01", signal=signal)
    assert response.status_code == 400
    assert collector.post(one_span()).status_code == 200


def test_pressure_is_503_with_retry_after(path: Path) -> None:
    """Never 500 for load: senders try again only after 503. The writer is held up while the queue fills."""
    with LiveCollector(path, MemoryBus(), queue_limit=1) as collector:
        collector.writer._waiting.size = 1
        refused = collector.post(one_span())
        collector.writer._waiting.size = 0
        accepted = collector.post(one_span())

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert Status.FromString(refused.content).message == "1 spans wait to be stored (CAUSELINE_QUEUE_LIMIT)"
    assert accepted.status_code == 200


def test_more_bytes_than_may_be_held_are_503_with_retry_after(path: Path) -> None:
    """A few large spans weigh as much as many small ones, and weigh what they are once decompressed."""
    story = Story()
    story.add("large", place("t", "large"), attributes={"text": "x" * 600_000})
    packed = gzip.compress(story.request())
    with LiveCollector(path, MemoryBus(), queue_bytes=1_000_000) as collector:
        with collector.budget.share() as other:
            other.grow(500_000)
            refused = collector.post(packed, **{"content-encoding": "gzip"})
        accepted = [collector.post(packed, **{"content-encoding": "gzip"}) for _ in range(3)]

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert "CAUSELINE_QUEUE_LIMIT_MIB" in Status.FromString(refused.content).message
    assert [answer.status_code for answer in accepted] == [200] * 3


def test_the_content_type_may_have_parameters(collector: LiveCollector) -> None:
    """Some clients name a charset."""
    headers = {"content-type": f"{PROTOBUF['content-type']}; charset=utf-8"}
    assert httpx.post(f"{collector.url}/v1/traces", content=one_span(), headers=headers, timeout=60).status_code == 200
