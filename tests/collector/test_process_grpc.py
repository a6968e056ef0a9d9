"""The collector as a process, and gRPC: it listens where it says so, and what anybody sends is no word in its log."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.collector.process import FreshProcess
from tests.collector.raw import Peer

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEADERS, _SETTINGS, _WHOLE = 1, 4, 5
#: Of the request; its encoding and its timeout are none that gRPC knows.
_ABSURD = {
    ":method": "POST",
    ":scheme": "http",
    ":path": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    ":authority": "localhost",
    "content-type": "application/grpc",
    "te": "trailers",
    "grpc-encoding": "snappy",
    "grpc-timeout": "soon",
}


@pytest.fixture
def process(tmp_path: Path) -> Iterator[FreshProcess]:
    """A collector whose gRPC has nothing from a process before."""
    process = FreshProcess(tmp_path)
    yield process
    process.remove()


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """A frame of HTTP/2 (RFC 9113, 4.1)."""
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def literal(name: str, value: str) -> bytes:
    """A header as it is (RFC 7541, 6.2.2)."""
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def test_grpc_listens_once_the_collector_says_so_and_absurd_headers_are_no_word_in_its_log(
    process: FreshProcess,
) -> None:
    """At the first attempt; each such header would be a line, from whoever reaches the port."""
    process.address()
    with Peer(f"http://127.0.0.1:{process.grpc_port}") as peer:
        headers = b"".join(literal(name, value) for name, value in _ABSURD.items())
        peer.send(_PREFACE + frame(_SETTINGS, 0, 0) + frame(_HEADERS, _WHOLE, 1, headers))
        heard = b""
        while b"grpc-status" not in heard:
            heard += peer.hear_some()
    assert process.end(signal.SIGTERM) == (0, "")
