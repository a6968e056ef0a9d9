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
from collector.client import CollectorClient
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
