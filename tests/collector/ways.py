"""The ways that OTLP comes by: protobuf and JSON over HTTP, and gRPC, compressed or not."""

import base64
import gzip
import json
import ssl
from typing import Any, Final

import grpc
import httpx
from google.protobuf import json_format
from google.protobuf.message import Message

from collector.otlp.signals import Signal

#: Seconds after which a sender gives an answer up.
PATIENCE: Final = 30.0

ENCODINGS: Final = ("protobuf", "json", "grpc")

#: A channel whose other side is gone tries again soon; by default it waits for up to two minutes.
_SOON: Final = [("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 500)]

_IDS: Final = ("traceId", "spanId", "parentSpanId")

_TYPES: Final = {"protobuf": "application/x-protobuf", "json": "application/json"}


class Way:
    """One sender's connection to one collector.

    Args:
        encoding: `protobuf`, `json` or `grpc`.
        compressed: whether requests are sent with gzip.
        url: of the collector.
        grpc_port: of the same one.
        local: address of this machine to send from.
    """

    def __init__(
        self, encoding: str, url: str, grpc_port: int, *, compressed: bool = False, local: str = "127.0.0.1"
    ) -> None:
        self._encoding = encoding
        self._compressed = compressed
        if encoding == "grpc":
            gzips = grpc.Compression.Gzip if compressed else grpc.Compression.NoCompression
            self._channel = grpc.insecure_channel(f"127.0.0.1:{grpc_port}", _SOON, compression=gzips)
        else:
            plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # or the machine's certificates are read each time
            transport = httpx.HTTPTransport(verify=plain, local_address=local)
            self._http = httpx.Client(base_url=url, transport=transport, timeout=PATIENCE, trust_env=False)

    def send(self, signal: Signal, request: Message) -> bool:
        """Sends one request; whether it was acknowledged as a whole."""
        return self._call(signal, request) if self._encoding == "grpc" else self._post(signal, request)

    def close(self) -> None:
        """Hangs up."""
        if self._encoding == "grpc":
            self._channel.close()
        else:
            self._http.close()

    def _call(self, signal: Signal, request: Message) -> bool:
        export = self._channel.unary_unary(f"/{signal.service}/Export", signal.request.SerializeToString, bytes)
        try:
            answer = export(request, timeout=PATIENCE)
        except grpc.RpcError:
            return False
        return answer == b""

    def _post(self, signal: Signal, request: Message) -> bool:
        body = request.SerializeToString() if self._encoding == "protobuf" else as_json(request)
        headers = {"content-type": _TYPES[self._encoding]}
        if self._compressed:
            body, headers["content-encoding"] = gzip.compress(body), "gzip"
        try:
            answer = self._http.post(signal.path, content=body, headers=headers)
        except httpx.TransportError:
            return False
        return answer.status_code == 200 and answer.content in (b"", b"{}")


def as_json(request: Message) -> bytes:
    """A request as OTLP has it in JSON: enumerations are numbers, ids are hexadecimal."""
    return json.dumps(_hexed(json_format.MessageToDict(request, use_integers_for_enums=True))).encode()


def _hexed(value: Any) -> Any:
    if isinstance(value, list):
        return [_hexed(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: base64.b64decode(item).hex() if name in _IDS else _hexed(item) for name, item in value.items()}
