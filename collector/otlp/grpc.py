"""OTLP over gRPC: the `Export` method of every signal's service."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import grpc
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.duration_pb2 import Duration
from google.rpc.code_pb2 import Code  # type: ignore[import-untyped]  # ships no types
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]  # ships no types
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # ships no types

from collector.access import Access
from collector.errors import (
    CollectorError,
    OverloadedError,
    StartError,
    StoreError,
    TooLargeError,
    UndecodableError,
)
from collector.otlp.grpc_admission import TokensOnly
from collector.otlp.receiver import Receiver
from collector.otlp.responses import RETRY_SECONDS, receipt
from collector.otlp.signals import SIGNALS, Signal
from collector.tls import Tls

#: What senders are answered; those that should come again are told when.
_CODES: Final[dict[type[CollectorError], grpc.StatusCode]] = {
    UndecodableError: grpc.StatusCode.INVALID_ARGUMENT,
    TooLargeError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    OverloadedError: grpc.StatusCode.UNAVAILABLE,
    StoreError: grpc.StatusCode.UNAVAILABLE,
}

#: Where a status with details travels, as gRPC's richer error model has it.
_DETAILS: Final = "grpc-status-details-bin"

Export = Callable[[bytes, grpc.aio.ServicerContext[bytes, bytes]], Awaitable[bytes]]


class GrpcServer:
    """Serves OTLP over gRPC in the running event loop.

    Args:
        receiver: who takes what is sent.
        access: asks for tokens.
        tls: what to serve TLS with; None for plain gRPC.
    """

    def __init__(self, receiver: Receiver, access: Access, tls: Tls | None = None) -> None:
        self._receiver = receiver
        self._tls = tls
        options = (
            ("grpc.max_receive_message_length", receiver.limit),
            ("grpc.so_reuseport", 0),  # two collectors on one port would share its senders in silence
        )
        self._server = grpc.aio.server(interceptors=[TokensOnly(access)], options=options)
        self._server.add_generic_rpc_handlers([_handlers(receiver, signal) for signal in SIGNALS])

    async def start(self, host: str, port: int) -> int:
        """Listens.

        Args:
            host: the address.
            port: 0 takes a free one.

        Returns:
            The port.

        Raises:
            StartError: when it can't be used.
        """
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            taken = self._add_port(address)
        except RuntimeError as error:
            raise StartError(
                f"port {port} on {host} can't be used for gRPC ({error}); name another one in CAUSELINE_GRPC_PORT"
            ) from None
        await self._server.start()
        return taken

    def _add_port(self, address: str) -> int:
        if self._tls is None:
            return self._server.add_insecure_port(address)
        return self._server.add_secure_port(address, grpc.ssl_server_credentials([self._tls.pair()]))

    async def stop(self, patience: float) -> None:
        """Takes nothing new, and ends when what is under way is answered.

        Args:
            patience: seconds after which it is cut off.
        """
        await self._server.stop(patience)


def _handlers(receiver: Receiver, signal: Signal) -> grpc.GenericRpcHandler:
    method: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(_export(receiver, signal))
    return grpc.method_handlers_generic_handler(signal.service, {"Export": method})


def _export(receiver: Receiver, signal: Signal) -> Export:
    async def export(request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
        try:
            batch = await receiver.receive(signal, _whole(request))
        except (UndecodableError, TooLargeError, OverloadedError, StoreError) as error:
            await _refuse(context, error)
        return receipt(signal, batch).SerializeToString()

    return export


async def _whole(request: bytes) -> AsyncIterator[bytes]:
    yield request


async def _refuse(context: grpc.aio.ServicerContext[bytes, bytes], error: CollectorError) -> None:
    code = _CODES[type(error)]
    if code is grpc.StatusCode.UNAVAILABLE:
        wait = Packed()
        wait.Pack(RetryInfo(retry_delay=Duration(seconds=RETRY_SECONDS)))
        status = Status(code=Code.UNAVAILABLE, message=str(error), details=[wait])
        context.set_trailing_metadata(((_DETAILS, status.SerializeToString()),))
    await context.abort(code, str(error))
