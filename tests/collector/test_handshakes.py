"""Who has agreed on no keys yet is held to the same limits as everybody else."""

import ssl
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from collector.access import Access
from collector.api.guard import Guard
from collector.otlp.parcel import Limits
from collector.tls import Tls
from runtime.tokens import Register
from tests.certificates import make_certificate
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.raw import Peer

STALL, MOST = 0.3, 4


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """A certificate and its key."""
    return Tls(*make_certificate(tmp_path_factory.mktemp("tls")))


@pytest.fixture
def collector(path: Path, bus: MemoryBus, tls: Tls) -> Iterator[LiveCollector]:
    """One that serves TLS, and waits for nobody long."""
    guard = replace(Guard.of("127.0.0.1", Access(Register(path.parent))), tls=tls)
    with LiveCollector(path, bus, limits=Limits(stall=STALL, connections=MOST), guard=guard) as live:
        yield live


def is_up(live: LiveCollector, tls: Tls) -> bool:
    """Whether it answers somebody else."""
    trusted = ssl.create_default_context(cafile=tls.cert)
    return httpx.get(f"{live.url}/healthz", verify=trusted, trust_env=False, timeout=60).status_code == 200


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01"], ids=["nothing", "the begin of a handshake"])
def test_keys_that_are_not_agreed_upon_are_not_waited_for(collector: LiveCollector, tls: Tls, said: bytes) -> None:
    """Nor does anybody wait meanwhile: there may be as many such connections as connections, and then the oldest go."""
    with ExitStack() as stack:
        silent = [stack.enter_context(Peer(collector.url)) for _ in range(3 * MOST)]
        for peer in silent:
            with suppress(ConnectionError):  # the first are gone by now
                peer.send(said)
        assert is_up(collector, tls)
        assert [peer.hear() for peer in silent] == [b""] * len(silent)


def test_who_speaks_no_tls_is_hung_up_on(collector: LiveCollector, tls: Tls) -> None:
    """And answered nothing that could be taken for an answer."""
    with Peer(collector.url) as peer:
        peer.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"HTTP/" not in peer.hear()
    assert is_up(collector, tls)


def test_what_comes_right_behind_the_handshake_is_read(collector: LiveCollector, tls: Tls) -> None:
    """In the same packet, most likely; and more than one request on the same connection."""
    context = ssl.create_default_context(cafile=tls.cert)
    ours, theirs = ssl.MemoryBIO(), ssl.MemoryBIO()
    tunnel = context.wrap_bio(theirs, ours, server_hostname="localhost")
    with Peer(collector.url) as peer:
        while True:
            try:
                tunnel.do_handshake()
                break
            except ssl.SSLWantReadError:
                peer.send(ours.read())
                theirs.write(peer.hear_some())
        for _ in range(2):
            tunnel.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            peer.send(ours.read())  # the first time with the end of the handshake
            answer = b""
            while b'"status":"ok"' not in answer:
                try:
                    answer += tunnel.read(65_536)  # one record; what was heard may hold more than one
                except ssl.SSLWantReadError:
                    theirs.write(peer.hear_some())
            assert answer.startswith(b"HTTP/1.1 200")
