"""OTLP over gRPC: the `Export` method of every signal's service."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final, NoReturn

import grpc
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.duration_pb2 import Duration
from google.rpc.code_pb2 import Code  # type: ignore[import-untyped]  # ships no types
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]  # ships no types
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # ships no types

from collector.access import Access
from collector.errors import CollectorError, StartError, UndecodableError
from collector.otlp import refusals
from collector.otlp.grpc_admission import TokenInterceptor
from collector.otlp.parcel import Limits, Parcel
from collector.otlp.receiver import Receiver
from collector.otlp.responses import RETRY_SECONDS, make_receipt
from collector.otlp.signals import SIGNALS, Signal
from collector.tls import Tls

#: Where a status with details travels, as gRPC's richer error model has it.
_DETAILS: Final = "grpc-status-details-bin"

#: Requests that are under way at once on one connection.
_STREAMS: Final = 100

_MINUTE_MS: Final = 60_000

#: Minutes after which a connection is ended in order, and has to be opened again: there is no telling which of many
#: does nothing but hold a place, and so none holds it for ever.
_AGE: Final = 10

#: Bytes of a message at most: a compressed one is there whole, as large as it will be, before it can be counted. More
#: than SDKs make of a batch, and than other collectors take (4 MiB).
_LARGEST: Final = 16 * 2**20

#: Bytes that a request is taken for until it is there: then its size is known.
_AHEAD: Final = 4 * 2**20

Messages = AsyncIterator[bytes]
Context = grpc.aio.ServicerContext[bytes, bytes]
Export = Callable[[Messages, Context], Awaitable[bytes]]


class GrpcServer:
    """Serves OTLP over gRPC in the running event loop.

    Args:
        receiver: who takes what is sent.
        access: asks for tokens.
        tls: what to serve TLS with; None for plain gRPC.
    """

    def __init__(self, receiver: Receiver, access: Access, tls: Tls | None = None) -> None:
        self._tls = tls
        self._server = grpc.aio.server(interceptors=[TokenInterceptor(access)], options=_options(receiver.limits))
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


def _options(limits: Limits) -> Sequence[tuple[str, int]]:
    stall = int(limits.stall * 1000)
    return (
        ("grpc.max_receive_message_length", min(limits.size, _LARGEST)),
        ("grpc.max_metadata_size", 16 * 1024),
        ("grpc.max_allowed_incoming_connections", limits.connections),
        ("grpc.max_concurrent_streams", _STREAMS),
        ("grpc.server_handshake_timeout_ms", stall),
        # Who is silent is asked whether it is there, and goes when it does not answer, or has had nothing to send.
        ("grpc.keepalive_time_ms", _MINUTE_MS),
        ("grpc.keepalive_timeout_ms", stall),
        ("grpc.max_connection_idle_ms", _MINUTE_MS),
        ("grpc.max_connection_age_ms", _AGE * _MINUTE_MS),
        ("grpc.max_connection_age_grace_ms", _MINUTE_MS),
        # Who asks us more often than that is cut off.
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.http2.max_ping_strikes", 3),
        ("grpc.so_reuseport", 0),  # two collectors on one port would share its senders in silence
    )


def _handlers(receiver: Receiver, signal: Signal) -> grpc.GenericRpcHandler:
    # To a client the same as a method of one message. Here that is read when we say so, with a deadline.
    method: grpc.RpcMethodHandler[bytes, bytes] = grpc.stream_unary_rpc_method_handler(_export(receiver, signal))
    return grpc.method_handlers_generic_handler(signal.service, {"Export": method})


def _export(receiver: Receiver, signal: Signal) -> Export:
    async def export(messages: Messages, context: Context) -> bytes:
        host, _, port = context.peer().rpartition(":")
        parcel = Parcel(_only(messages), host, int(port) if port.isdecimal() else 0, ahead=_AHEAD)
        try:
            batch = await receiver.receive(signal, parcel)
        except refusals.REFUSED as error:
            await _refuse(context, error)
        return make_receipt(signal, batch).SerializeToString()

    return export


async def _only(messages: Messages) -> AsyncIterator[bytes]:
    """Yields the message of a request, and refuses the whole of what has another: that would be lost, and answered."""
    has_come = False
    async for message in messages:
        if has_come:
            raise UndecodableError("a request has one message, and this one has more: nothing of it was taken")
        has_come = True
        yield message
    if not has_come:
        raise UndecodableError("the request has no message")


async def _refuse(context: Context, error: CollectorError) -> NoReturn:
    said = refusals.find_refusal(error)
    if said.is_transient:
        wait = Packed()
        wait.Pack(RetryInfo(retry_delay=Duration(seconds=RETRY_SECONDS)))
        status = Status(code=Code.UNAVAILABLE, message=str(error), details=[wait])
        context.set_trailing_metadata(((_DETAILS, status.SerializeToString()),))
    await context.abort(said.rpc_code, str(error))
