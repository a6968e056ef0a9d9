"""Who may send over gRPC."""

from pathlib import Path

import grpc
import pytest

from collector.otlp.signals import SIGNALS, TRACES
from runtime.tokens import Scope, create, revoke
from tests.collector.live import LiveCollector

EXPORT = f"/{TRACES.service}/Export"


def call(collector: LiveCollector, *metadata: tuple[str, str], method: str = EXPORT, body: bytes = b"") -> str:
    """The code that a call ends with."""
    with grpc.insecure_channel(f"127.0.0.1:{collector.grpc_port}") as channel:
        try:
            channel.unary_unary(method)(body, metadata=metadata, timeout=20, wait_for_ready=True)
        except grpc.RpcError as error:
            return str(error.code().name)
    return "OK"


def bearer(token: str) -> tuple[str, str]:
    return ("authorization", f"Bearer {token}")


def test_a_sender_presents_its_token_as_metadata(collector: LiveCollector, path: Path) -> None:
    """UNAUTHENTICATED for nobody, PERMISSION_DENIED for the wrong scope; revoked counts at once."""
    assert call(collector) == "OK"
    sender, reader = create(path.parent, "sender", [Scope.INGEST]), create(path.parent, "reader", [Scope.READ])
    assert call(collector) == "UNAUTHENTICATED"
    assert call(collector, bearer(reader)) == "PERMISSION_DENIED"
    assert call(collector, bearer(sender)) == "OK"
    assert call(collector, bearer(sender), bearer(sender)) == "UNAUTHENTICATED"
    assert call(collector, ("authorization", sender)) == "UNAUTHENTICATED"
    revoke(path.parent, "sender")
    assert call(collector, bearer(sender)) == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    "method",
    [
        *(f"/{signal.service}/Export" for signal in SIGNALS),
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "/grpc.health.v1.Health/Check",
        "//opentelemetry.proto.collector.trace.v1.TraceService/Export",
    ],
)
def test_no_method_is_open(collector: LiveCollector, path: Path, method: str) -> None:
    """Also one that is not there, and one whose message is large: it is not read."""
    create(path.parent, "sender", [Scope.INGEST])
    assert call(collector, method=method, body=bytes(1 << 20)) in ("UNAUTHENTICATED", "UNIMPLEMENTED")
