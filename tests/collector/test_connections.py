"""Who stalls holds nothing that others need."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from google.rpc.status_pb2 import Status

from collector.otlp.parcel import Limits
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.raw import Peer
from tests.collector.story import Story, place, uid
from tests.waiting import until_sync

STALL = 0.2


def one_span(name: str = "work") -> bytes:
    """The smallest request that says something."""
    story = Story()
    story.add(name, place("t", name))
    return story.request()


@pytest.fixture
def collector(path: Path, bus: MemoryBus) -> Iterator[LiveCollector]:
    """A collector that waits for nobody long."""
    with LiveCollector(path, bus, limits=Limits(stall=STALL, connections=8)) as live:
        yield live


@pytest.mark.parametrize(
    "begun",
    [b"", b"POST /v1/traces HT", b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nX: "],
    ids=["nothing", "line", "head"],
)
def test_a_head_that_does_not_come_is_not_waited_for(collector: LiveCollector, begun: bytes) -> None:
    """The connection is closed; nothing is said to who said nothing whole."""
    with Peer(collector.url) as peer:
        peer.send(begun)
        assert peer.hear() == b""


def test_a_second_head_has_to_come_as_fast_as_the_first(collector: LiveCollector) -> None:
    """A connection that was good once may stall as well."""
    with Peer(collector.url) as peer:
        peer.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert peer.hear_some().startswith(b"HTTP/1.1 200")
        peer.send(b"GET /healthz HT")
        assert b"HTTP/1.1" not in peer.hear()


@pytest.mark.parametrize("kind", ["application/x-protobuf", "application/json"])
def test_a_body_that_does_not_come_is_answered_in_its_encoding(collector: LiveCollector, kind: str) -> None:
    """With a status that says what to change; and what it held is free again."""
    with Peer(collector.url) as peer:
        peer.post("/v1/traces", 1000, b"begun", kind)
        head, _, body = peer.hear().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408")
    assert f"content-type: {kind}".encode() in head
    assert b"connection: close" in head.lower()
    said = body.decode() if kind.endswith("json") else Status.FromString(body).message
    assert "only 5 bytes of the request have come" in said
    assert collector.budget._held == 0


def test_a_body_of_another_route_is_not_waited_for_either(collector: LiveCollector) -> None:
    """Whatever reads it."""
    with Peer(collector.url) as peer:
        peer.post("/api/dead-letters/replay", 1000, b"{", "application/json")
        peer.hear()
    assert httpx.get(f"{collector.url}/healthz", timeout=60).status_code == 200


def test_a_large_body_that_comes_on_has_the_time_it_needs(path: Path, bus: MemoryBus) -> None:
    """The seconds are for a part of it."""
    story = Story()
    story.add("large", place("t", "s"), attributes={"text": "x" * 600_000})
    body = story.request()
    with LiveCollector(path, bus, limits=Limits(stall=1.0)) as collector, Peer(collector.url) as peer:
        peer.post("/v1/traces", len(body))
        for begin in range(0, len(body), 70_000):
            peer.send(body[begin : begin + 70_000])
        assert peer.hear_some().startswith(b"HTTP/1.1 200")


def test_an_answer_that_is_not_read_is_given_up(collector: LiveCollector) -> None:
    """However large it is; its connection is closed by the collector."""
    story = Story()
    for index in range(40):
        said = {semconv.PAYLOAD: "x" * 200_000}
        story.node(NodeKind.EVENT, uid(str(index)), "publish", place("t", str(index)), more=said)
    collector.tell(story)
    with Peer(collector.url, window=4096) as peer:
        peer.send(b"GET /api/events?whole=true HTTP/1.1\r\nHost: localhost\r\n\r\n")
        state = collector.server.server_state
        until_sync(lambda: any(c.cycle is not None and c.cycle.response_complete for c in state.connections))
        until_sync(lambda: not state.connections)


def test_one_more_connection_takes_the_place_of_the_one_that_is_waited_for_longest(path: Path, bus: MemoryBus) -> None:
    """A hundred that say nothing hold up nobody, although eight are the most."""
    with ExitStack() as peers, LiveCollector(path, bus, limits=Limits(stall=3600, connections=8)) as collector:
        for index in range(100):
            silent = peers.enter_context(Peer(collector.url))
            if index % 2:
                silent.post("/v1/traces", 1000, b"begun")
        assert collector.post(one_span()).status_code == 200
        assert len(collector.server.server_state.connections) <= 9


def test_room_that_is_held_by_who_stalls_is_given_to_who_is_there(path: Path, bus: MemoryBus) -> None:
    """Of the bodies that arrive the longest is cut off, and told to come again."""
    with (
        LiveCollector(path, bus, limits=Limits(stall=3600), queue_bytes=500_000) as collector,
        Peer(collector.url) as first,
        Peer(collector.url) as second,
    ):
        for peer in (first, second):
            peer.post("/v1/traces", 300_000, bytes(200_000))
            until_sync(lambda: collector.budget._held % 200_000 == 0 and collector.budget._held)
        until_sync(lambda: collector.budget._held == 400_000)
        answer = until_sync(lambda: accepted(collector, one_span() + b"\x1a\x00" * 60_000))
        assert answer.status_code == 200
        assert first.hear_some().startswith(b"HTTP/1.1 503")
        assert collector.budget._held == 200_000


def accepted(collector: LiveCollector, body: bytes) -> httpx.Response | None:
    """The answer to a request, once there is room for it."""
    response = collector.post(body)
    return response if response.status_code != 503 else None


def test_who_hangs_up_is_no_error(collector: LiveCollector, caplog: pytest.LogCaptureFixture) -> None:
    """In a head, in a body, while the answer is made, and while it is sent: not one traceback."""
    caplog.set_level(logging.INFO)
    body = one_span()
    for length, sent, path in (
        (1000, b"begun", "/v1/traces"),
        (len(body), body, "/v1/traces"),
        (10, b"{", "/api/dead-letters/replay"),
    ):
        for end in (Peer.reset, lambda peer: peer.__exit__(None, None, None)):
            peer = Peer(collector.url)
            peer.post(path, length, sent)
            end(peer)
    for end in (Peer.reset, lambda peer: peer.__exit__(None, None, None)):
        peer = Peer(collector.url)
        peer.send(b"GET /api/overview HTTP/1.1\r\nHost: localhost\r\n\r\n")
        end(peer)
    until_sync(lambda: not collector.server.server_state.connections)
    until_sync(lambda: not collector.server.server_state.tasks)
    assert [
        record.getMessage() for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR
    ] == []


def test_nonsense_is_no_line_in_the_log(
    collector: LiveCollector, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody could fill a disk with them, and they do not say who."""
    monkeypatch.setattr(logging.getLogger("uvicorn"), "propagate", True)
    upgrade = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n\r\n"
    for nonsense in (b"nonsense\r\n\r\n", upgrade):
        with Peer(collector.url) as peer:
            peer.send(nonsense)
            assert peer.hear().startswith(b"HTTP/1.1 ")
    assert caplog.messages == []


@pytest.mark.parametrize("route", ["/v1/traces", "/api/import", "/nowhere", "/healthz"])
def test_a_body_that_breaks_http_is_no_line_in_the_log(
    collector: LiveCollector, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, route: str
) -> None:
    """Whether it comes with its head, while it is being read, or after it was answered without being read."""
    monkeypatch.setattr(logging.getLogger("uvicorn"), "propagate", True)
    for kind in ("application/x-protobuf", "application/x-tar"):
        head = f"POST {route} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n"
        for parts in ((head + "no size\r\n",), (head, "no size\r\n")):
            with Peer(collector.url) as peer:
                for part in parts:
                    peer.send(part.encode())
                assert peer.hear().startswith(b"HTTP/1.1 4")
    until_sync(lambda: not collector.server.server_state.tasks)
    assert caplog.messages == []
