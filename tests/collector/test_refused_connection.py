"""One connection more than there may be, while all others are being answered: it is told so as it asks."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from google.protobuf import json_format
from google.rpc.code_pb2 import Code
from google.rpc.status_pb2 import Status

from collector import connections
from collector.otlp.parcel import Limits
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.raw import Peer
from tests.collector.story import Story, place
from tests.waiting import until_sync


@pytest.fixture
def full(path: Path, bus: MemoryBus) -> Iterator[LiveCollector]:
    """A collector all of whose connections wait for their answers, until the test ends."""
    story = Story()
    story.add("work", place("t", "s"))
    with (
        LiveCollector(path, bus, limits=Limits(stall=3600, connections=2)) as live,
        ExitStack() as senders,
        live.database.writing(outdates=False),
    ):
        for _ in range(2):
            sender = senders.enter_context(Peer(live.url))
            sender.post("/v1/traces", len(story.request()), story.request())
        state = live.server.server_state
        until_sync(lambda: sum(one.cycle is not None for one in state.connections) == 2)
        yield live


@pytest.mark.parametrize("kind", ["application/x-protobuf", "application/json; charset=utf-8"])
def test_a_sender_is_told_in_its_encoding_to_come_again(full: LiveCollector, kind: str) -> None:
    """Though the most of its body is not read: a large one does not take the answer along."""
    with Peer(full.url) as peer:
        peer.post("/v1/logs", 4_000_000, b"x" * 1_000_000, kind)
        head, _, body = peer.hear().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    lines = head.lower().split(b"\r\n")
    assert {b"retry-after: 1", b"connection: close", b"content-length: %d" % len(body)} <= set(lines)
    assert b"content-type: " + kind.partition(";")[0].encode() in lines
    status = json_format.Parse(body, Status()) if "json" in kind else Status.FromString(body)
    assert status.code == Code.UNAVAILABLE
    assert "CAUSELINE_CONNECTION_LIMIT" in status.message


def test_who_asks_the_api_is_told_in_its_shape(full: LiveCollector) -> None:
    """A head may come in pieces."""
    with Peer(full.url) as peer:
        peer.send(b"GET /api/overview HTT")
        peer.send(b"P/1.1\r\nHost: localhost\r\n\r\n")
        head, _, body = peer.hear().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503")
    assert json.loads(body)["error"]["code"] == "busy"


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"nonsense\r\n\r\n"], ids=["nothing", "a part", "nonsense"])
def test_who_says_nothing_that_can_be_answered_holds_nothing(full: LiveCollector, said: bytes) -> None:
    """Its connection ends all the same."""
    with Peer(full.url) as peer:
        peer.send(said)
        assert peer.hear()[:12] == (b"HTTP/1.1 503" if said.endswith(b"\n") else b"")
    until_sync(lambda: len(full.server.server_state.connections) == 2)


def test_there_are_not_even_many_that_are_turned_away(full: LiveCollector, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than some are closed at once."""
    monkeypatch.setattr(connections, "_TURNED_AWAY", 1)
    monkeypatch.setattr(connections, "_PATIENCE", 3600.0)
    with Peer(full.url) as told:
        until_sync(lambda: len(full.server.server_state.connections) == 3)
        with Peer(full.url) as peer:
            assert peer.hear() == b""
        told.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert told.hear_some().startswith(b"HTTP/1.1 503")
