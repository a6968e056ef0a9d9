"""TERM ends the collector, whatever goes on; what was acknowledged is there afterwards."""

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import grpc
import httpx
import pytest

from collector.otlp.signals import TRACES
from tests.collector.live import PROTOBUF
from tests.collector.process import Process, stored
from tests.collector.raw import Peer
from tests.collector.story import Story, place
from tests.waiting import until_sync

#: Seconds that the promise allows, and some for a busy machine.
PROMISED = 10 + 5


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """A collector that is gone after the test."""
    process = Process(tmp_path)
    yield process
    process.remove()


def spans(name: str, count: int) -> bytes:
    """So many."""
    story = Story()
    for index in range(count):
        story.add("work", place(name, str(index)), attributes={"n": index})
    return story.request()


class Senders:
    """Send for as long as somebody answers, and count what was acknowledged."""

    def __init__(self, url: str) -> None:
        self.acknowledged: set[str] = set()
        self._url = url
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(4)]
        for thread in self._threads:
            thread.start()

    def _send(self, number: int) -> None:
        with httpx.Client(headers=PROTOBUF, timeout=30, trust_env=False) as client:
            for turn in range(10_000):
                name = f"{number}-{turn}"
                try:
                    answer = client.post(f"{self._url}/v1/traces", content=spans(name, 20))
                except httpx.TransportError:
                    return
                if answer.status_code == 200:
                    self.acknowledged.add(name)

    def wait(self) -> None:
        """Until nobody answers any more."""
        for thread in self._threads:
            thread.join()


def test_term_ends_it_whatever_goes_on(tmp_path: Path, process: Process) -> None:
    """Peers that stall in a head, in a body and before an answer; a stream of gRPC that goes on; and senders that
    send all the time. Each alone would once have kept it up."""
    url = process.address()
    grpc_port = process.grpc_port
    httpx.post(f"{url}/v1/traces", content=spans("begun", 5000), headers=PROTOBUF, timeout=30).raise_for_status()
    senders = Senders(url)
    hold = threading.Event()

    def nothing() -> Iterator[bytes]:
        hold.wait(60)
        yield b""

    with (
        Peer(url) as head,
        Peer(url) as body,
        Peer(url, window=4096) as reader,
        grpc.insecure_channel(f"127.0.0.1:{grpc_port}") as channel,
    ):
        head.send(b"GET /healthz HT")
        body.post("/v1/traces", 1000, b"begun")
        trace = Story().add("x", place("begun", "0")).trace_id.hex()
        reader.send(f"GET /api/traces/{trace} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        stream = channel.stream_unary(f"/{TRACES.service}/Export").future(nothing(), wait_for_ready=True)
        until_sync(lambda: len(senders.acknowledged) >= 8)
        began = time.monotonic()
        status, said = process.end(signal.SIGTERM)
        took = time.monotonic() - began
        hold.set()
        stream.exception(timeout=30)
    senders.wait()

    assert (status, "Traceback" in said) == (0, False), said
    assert took < PROMISED
    assert stored(tmp_path) >= 5000 + 20 * len(senders.acknowledged)
    with duckdb.connect(tmp_path / "causeline.duckdb") as connection:
        there = {row[0].hex for row in connection.execute("SELECT DISTINCT trace_id FROM spans").fetchall()}
    assert {Story().add("x", place(name, "0")).trace_id.hex() for name in senders.acknowledged} <= there
