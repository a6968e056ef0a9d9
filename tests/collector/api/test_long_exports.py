"""An export takes as long as it takes, one at a time, and leaves nothing behind, however it ends."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from collector.api.routes import exchange
from collector.client import CollectorBusy, CollectorClient
from collector.store.exchange import archive
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.raw import Peer
from tests.collector.shipment import Shipment
from tests.waiting import until_sync

EXPORT = b"GET /api/export HTTP/1.1\r\nHost: localhost\r\n\r\n"

#: How an answer in pieces ends that is whole.
END = b"\r\n0\r\n\r\n"

#: Pieces of a MiB, more than the buffers between two programs of a machine hold; and the reader's own in bytes.
PIECES = 24
WINDOW = 2**18


class Gate:
    """Something that waits until it is let go.

    Attributes:
        begun: set when it waits.
        go: to be set.
    """

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    def wait(self) -> None:
        """Waits."""
        self.begun.set()
        assert self.go.wait(60)


@pytest.fixture
def gate() -> Iterator[Gate]:
    """One that is open at the end at the latest."""
    made = Gate()
    yield made
    made.go.set()


@pytest.fixture
def hasty(path: Path, bus: MemoryBus) -> Iterator[LiveCollector]:
    """A collector that gives up soon, with something to export."""
    with LiveCollector(path, bus, question_limit=0.3) as live:
        live.tell(Shipment().story)
        yield live


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every export has more pieces than its reader gets without reading."""

    def pack(folder: Path) -> Iterator[bytes]:
        yield from [bytes(2**20)] * PIECES
        yield from archive.pack(folder)

    monkeypatch.setattr(exchange, "archive", type("Archive", (), {"pack": staticmethod(pack)}))


def folders(live: LiveCollector) -> list[str]:
    """What lies beside its database of exports."""
    return [path.name for path in live.database.path.parent.glob("*exchange*")]


def export(live: LiveCollector) -> bytes:
    """An export as a file."""
    with CollectorClient(live.url) as client:
        client.export(file := BytesIO())
    return file.getvalue()


def slowly(monkeypatch: pytest.MonkeyPatch, gate: Gate, where: str) -> None:
    """Has the first export wait while it is made, or while it is sent."""
    make, pack = exchange.export, archive.pack

    def waits(*asked: Any) -> object:
        if not gate.begun.is_set():
            gate.wait()
        return make(*asked)

    def packed(folder: Path) -> Iterator[bytes]:
        pieces = pack(folder)
        yield next(pieces)
        if not gate.begun.is_set():
            gate.wait()
        yield from pieces

    if where == "made":
        monkeypatch.setattr(exchange, "export", waits)
    else:
        monkeypatch.setattr(archive, "pack", packed)


def outlive_a_question(live: LiveCollector, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits until a question that begins now has taken too long."""

    async def never() -> None:
        await asyncio.Event().wait()

    with monkeypatch.context() as patched:
        patched.setattr(bus, "channels", never)
        assert httpx.get(f"{live.url}/api/channels", trust_env=False, timeout=30).status_code == 503


@pytest.mark.parametrize("where", ["made", "sent"])
def test_an_export_takes_as_long_as_it_takes(
    hasty: LiveCollector, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch, gate: Gate, where: str
) -> None:
    """The limit of questions is not for files."""
    usual = len(export(hasty))
    slowly(monkeypatch, gate, where)
    with ThreadPoolExecutor(1) as threads:
        exported: Future[bytes] = threads.submit(export, hasty)
        until_sync(gate.begun.is_set)
        outlive_a_question(hasty, bus, monkeypatch)
        gate.go.set()
        assert len(exported.result(30)) == usual


@pytest.mark.usefixtures("large")
def test_an_export_may_be_read_slowly(hasty: LiveCollector, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is whole all the same."""
    with Peer(hasty.url, window=WINDOW) as peer:
        peer.send(EXPORT.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert peer.hear_some().startswith(b"HTTP/1.1 200")
        outlive_a_question(hasty, bus, monkeypatch)
        heard = peer.hear()
    assert len(heard) > PIECES * 2**20
    assert heard.endswith(END)


@pytest.mark.usefixtures("large")
def test_an_export_keeps_its_turn_until_its_last_byte_is_sent(collector: LiveCollector, path: Path) -> None:
    """Until then it takes its room on the disk; others are told to come again, also those who import."""
    with Peer(collector.url, window=WINDOW) as peer, CollectorClient(collector.url) as client:
        peer.send(EXPORT.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert peer.hear_some().startswith(b"HTTP/1.1 200")
        for ask in (lambda: client.export(BytesIO()), lambda: client.import_([b""])):
            with pytest.raises(CollectorBusy, match="is under way"):
                ask()
        assert peer.hear().endswith(END)
    assert export(collector)
    until_sync(lambda: folders(collector) == [], "nothing that is left")


@pytest.mark.usefixtures("large")
def test_a_reader_that_goes_gives_the_turn_back(collector: LiveCollector, path: Path) -> None:
    """And leaves nothing."""
    peer = Peer(collector.url, window=WINDOW)
    peer.send(EXPORT)
    assert peer.hear_some().startswith(b"HTTP/1.1 200")
    peer.reset()
    until_sync(lambda: folders(collector) == [], "nothing that is left")
    assert export(collector)


def test_an_export_whose_reader_goes_before_it_is_sent_leaves_nothing(
    collector: LiveCollector, path: Path, monkeypatch: pytest.MonkeyPatch, gate: Gate
) -> None:
    """It was made by then, and nothing of it was read."""
    make = exchange.export

    def made(*asked: Any) -> None:
        make(*asked)
        gate.wait()

    monkeypatch.setattr(exchange, "export", made)
    peer = Peer(collector.url)
    peer.send(EXPORT)
    until_sync(gate.begun.is_set)
    assert folders(collector) != []
    peer.reset()
    until_sync(lambda: folders(collector) == [], "nothing that is left")
    gate.go.set()
    assert export(collector)


def test_what_came_too_late_to_be_removed_goes_with_the_next_turn(collector: LiveCollector, path: Path) -> None:
    """A thread that nobody waits for any more may have written it."""
    (path.parent / f"{path.name}.exchange-late").mkdir()
    assert export(collector)
    until_sync(lambda: folders(collector) == [], "nothing that is left")


@pytest.mark.usefixtures("large")
def test_an_export_ends_when_the_collector_does(path: Path, bus: MemoryBus) -> None:
    """Cut off, so that nobody takes it for a whole one; and nothing of it stays on the disk."""
    with LiveCollector(path, bus) as live, Peer(live.url, window=WINDOW) as peer:
        peer.send(EXPORT)
        assert peer.hear_some().startswith(b"HTTP/1.1 200")
        live.server.should_exit = True
        assert not peer.hear().endswith(END)
    assert folders(live) == []


def test_whoever_asks_for_the_head_of_an_export_has_none_made(
    hasty: LiveCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may take minutes and room on the disk, and nobody would read it."""
    made: list[str] = []
    monkeypatch.setattr(exchange, "export", lambda *_: made.append("an export"))
    answer = httpx.head(f"{hasty.url}/api/export", trust_env=False, timeout=30)
    assert (answer.status_code, answer.headers["content-type"], made) == (200, exchange.TAR, [])
