"""What the suites of SDKs and of proxies do, and a plain client never would."""

import gzip
import json
import zlib

import httpx
import pytest
from google.rpc.status_pb2 import Status

from collector.client import CollectorClient
from collector.otlp.receiver import Receiver
from tests.collector.live import LiveCollector
from tests.collector.raw import Peer
from tests.collector.story import ORIGIN_NS, Story, place

PROTOBUF, JSON = "application/x-protobuf", "application/json"


def one_span() -> bytes:
    """The smallest request that says something."""
    story = Story()
    story.add("work", place("t", "s"))
    return story.request()


def said(response: httpx.Response) -> str:
    """The message of a status, in whichever encoding it came."""
    if response.headers["content-type"] == JSON:
        return str(response.json()["message"])
    return str(Status.FromString(response.content).message)


def test_who_expects_a_word_before_the_body_gets_it(standing: LiveCollector) -> None:
    """curl does above a megabyte, and .NET when it is told to."""
    body = one_span()
    with Peer(standing.url) as peer:
        head = f"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: {PROTOBUF}\r\nContent-Length: {len(body)}\r\n"
        peer.send(head.replace("Host: x", "Host: localhost").encode() + b"Expect: 100-continue\r\n\r\n")
        assert peer.hear_some().startswith(b"HTTP/1.1 100")
        peer.send(body)
        assert peer.hear_some().startswith(b"HTTP/1.1 200")


def test_a_body_may_come_in_chunks(standing: LiveCollector) -> None:
    """Of any size, with extensions and trailers; its length is said nowhere."""
    body = one_span()
    with Peer(standing.url) as peer:
        peer.send(f"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: {PROTOBUF}\r\n".encode())
        peer.send(b"Transfer-Encoding: chunked\r\n\r\n")
        for begin in range(0, len(body), 7):
            part = body[begin : begin + 7]
            peer.send(b"%x;name=value\r\n%b\r\n" % (len(part), part))
        peer.send(b"0\r\nTrailer: yes\r\n\r\n")
        assert peer.hear_some().startswith(b"HTTP/1.1 200")


def test_a_body_with_two_lengths_is_the_last_of_its_connection(collector: LiveCollector) -> None:
    """A proxy in front may go by the other one, and take what comes behind for somebody else's request."""
    with Peer(collector.url) as peer:
        peer.send(f"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: {PROTOBUF}\r\n".encode())
        peer.send(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        peer.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        heard = peer.hear()
    assert heard.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in heard.lower()


@pytest.mark.parametrize("target", ["/v1/traces", "//v1/traces", "/v1/traces/", "//v1/traces/"])
@pytest.mark.parametrize("kind", [PROTOBUF, JSON])
def test_a_slash_too_many_is_overlooked(standing: LiveCollector, target: str, kind: str) -> None:
    """At the end of a base address, or of a whole one; without a redirect, which some clients don't follow."""
    content = b"" if kind == PROTOBUF else b"{}"
    answer = httpx.post(f"{standing.url}{target}", content=content, headers={"content-type": kind}, timeout=60)
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)


@pytest.mark.parametrize(
    "kind", ["Application/X-Protobuf", "application/x-protobuf; charset=utf-8", "APPLICATION/JSON;q"]
)
def test_types_are_told_in_any_case_and_with_parameters(standing: LiveCollector, kind: str) -> None:
    """As HTTP has it."""
    content = b"{}" if "JSON" in kind else one_span()
    answer = httpx.post(f"{standing.url}/v1/traces", content=content, headers={"content-type": kind}, timeout=60)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("identity", one_span()),
        ("GZIP", gzip.compress(one_span())),
        ("x-gzip", gzip.compress(one_span())),
        ("deflate, gzip", gzip.compress(zlib.compress(one_span()))),
        ("gzip,identity", gzip.compress(one_span())),
        (", gzip", gzip.compress(one_span())),
    ],
)
def test_encodings_are_undone_one_after_the_other(standing: LiveCollector, encoding: str, body: bytes) -> None:
    """In any case; the last one first."""
    assert standing.post(body, **{"content-encoding": encoding}).status_code == 200


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip, gzip", "gzip, br"])
def test_encodings_that_are_not_undone_are_400(standing: LiveCollector, encoding: str) -> None:
    """They name the one, or say how many are too many."""
    answer = standing.post(b"", **{"content-encoding": encoding})
    assert answer.status_code == 400
    assert encoding.rpartition(" ")[2] in said(answer) or "3 times" in said(answer)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "TRACE"])
def test_other_methods_are_405_and_told_which_is_right(standing: LiveCollector, method: str) -> None:
    """A browser that is sent there, or a probe."""
    for kind in (PROTOBUF, JSON):
        answer = httpx.request(method, f"{standing.url}/v1/logs", headers={"content-type": kind}, timeout=60)
        assert (answer.status_code, answer.headers["allow"], answer.headers["content-type"]) == (405, "POST", kind)
        assert method == "HEAD" or said(answer) == f"{method} is not answered here; telemetry is sent with POST"


@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS"])
@pytest.mark.parametrize("path", ["/v1/profiles", "/v1", "/v1/traces/more", "//v1/trace"])
def test_unknown_paths_are_told_where_telemetry_is_sent(standing: LiveCollector, path: str, method: str) -> None:
    """In the shape of the protocol: a sender of profiles reads no other."""
    for kind in (PROTOBUF, JSON):
        answer = httpx.request(method, f"{standing.url}{path}", headers={"content-type": kind})
        assert (answer.status_code, answer.headers["content-type"]) == (404, kind)
        assert said(answer) == f"nothing is taken at {path}; telemetry is sent to /v1/traces, /v1/logs, /v1/metrics"


def test_spans_may_come_from_nowhere(collector: LiveCollector, client: CollectorClient) -> None:
    """Without a resource, a scope, or a name."""
    span = {"traceId": "5" * 32, "spanId": "6" * 16, "startTimeUnixNano": str(ORIGIN_NS)}
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()
    answer = httpx.post(f"{collector.url}/v1/traces", content=body, headers={"content-type": JSON}, timeout=60)
    assert (answer.status_code, answer.json()) == (200, {})
    assert [found.span_id for found in client.trace("5" * 32).spans] == ["6" * 16]


@pytest.mark.parametrize("kind", [PROTOBUF, JSON])
def test_what_fails_by_our_fault_is_a_status_too(
    standing: LiveCollector, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """In the sender's encoding, and without a word of what went wrong inside."""

    async def fail(*_: object) -> None:
        raise KeyError("secret")

    monkeypatch.setattr(Receiver, "receive", fail)
    answer = httpx.post(f"{standing.url}/v1/traces", content=b"", headers={"content-type": kind}, timeout=60)
    assert (answer.status_code, answer.headers["content-type"]) == (500, kind)
    assert said(answer) == "the collector failed to take the request; its log says more"


def test_what_is_sent_to_the_api_is_bounded(standing: LiveCollector) -> None:
    """It is refused in the API's own shape, before it is read."""
    with Peer(standing.url) as peer:
        peer.post("/api/dead-letters/replay", 10**9, bytes(2**20 + 1), JSON)
        head, _, body = peer.hear().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413")
    assert json.loads(body)["error"]["code"] == "too_large"
