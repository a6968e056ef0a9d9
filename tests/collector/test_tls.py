"""A collector that serves TLS, and its clients, who trust nobody else."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import grpc
import httpx
import pytest

from collector.client import CollectorClient, CollectorUnavailable
from collector.otlp.signals import TRACES
from runtime.cli.collector_answers import RunPage
from runtime.cli.collector_api import ask_collector
from runtime.errors import ServerError
from runtime.settings import Settings
from runtime.telemetry.setup import _build_transport
from runtime.telemetry.transport import ExportVerdict
from tests.certificates import make_certificate
from tests.collector.process import Process


@pytest.fixture(scope="module")
def cert(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate and its key."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, cert: tuple[Path, Path]) -> Iterator[tuple[str, int]]:
    """The addresses of a collector with it: HTTP, and the port of gRPC."""
    variables = {"CAUSELINE_TLS_CERT": str(cert[0]), "CAUSELINE_TLS_KEY": str(cert[1])}
    process = Process(tmp_path_factory.mktemp("collector"), **variables)
    line = process.line()
    found = re.search(r"(https://\S+) \(gRPC: (\d+)\)", line)
    assert found, line
    yield found[1], int(found[2])
    assert process.end(signal.SIGTERM)[0] == 0


def test_plain_http_is_not_answered(served: tuple[str, int]) -> None:
    """There is no door beside it."""
    with pytest.raises(httpx.TransportError):
        httpx.get(served[0].replace("https", "http"), trust_env=False, timeout=60)


def test_the_client_trusts_the_authority_that_is_named(served: tuple[str, int], cert: tuple[Path, Path]) -> None:
    """And no other; the hint says how to name it."""
    with CollectorClient(served[0], ca=cert[0]) as client:
        assert client.health().status == "ok"
    with CollectorClient(served[0]) as client, pytest.raises(CollectorUnavailable) as told:
        client.health()
    assert "CAUSELINE_TLS_CA" in told.value.hint


def test_spans_are_sent_to_it(served: tuple[str, int], cert: tuple[Path, Path], tmp_path: Path) -> None:
    """By the runtime's own transport."""
    for ca, verdict in ((cert[0], ExportVerdict.STORED), (None, ExportVerdict.LATER)):
        transport = _build_transport(Settings(collector_url=served[0], tls_ca=ca), tmp_path, None)
        assert transport.send(b"").verdict is verdict
        transport.close()


def test_commands_ask_it(
    served: tuple[str, int], cert: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As settings have it."""
    monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", served[0])
    monkeypatch.setenv("CAUSELINE_HOME", str(tmp_path))
    with pytest.raises(ServerError, match="CAUSELINE_TLS_CA"):
        ask_collector(served[0], "/api/runs", RunPage)
    monkeypatch.setenv("CAUSELINE_TLS_CA", str(cert[0]))
    assert ask_collector(served[0], "/api/runs", RunPage)["items"] == []


def test_grpc_has_it_too(served: tuple[str, int], cert: tuple[Path, Path]) -> None:
    """With the same certificate."""
    address, export = f"127.0.0.1:{served[1]}", f"/{TRACES.service}/Export"
    with grpc.secure_channel(address, grpc.ssl_channel_credentials(cert[0].read_bytes())) as channel:
        assert channel.unary_unary(export)(b"", timeout=20, wait_for_ready=True) == b""
    with grpc.insecure_channel(address) as channel, pytest.raises(grpc.RpcError):
        channel.unary_unary(export)(b"", timeout=5)
