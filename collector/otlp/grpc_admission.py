"""Asks for a token before any method of gRPC, also before one that is not there."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, NoReturn, TypeAlias

import grpc

from collector.access import Access
from collector.errors import ForbiddenError, UnauthenticatedError
from runtime.tokens import Scope

_METADATA: Final = "authorization"

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"  # quoted: only its stub is generic


class TokenInterceptor(grpc.aio.ServerInterceptor):
    """Lets those through who may send.

    Args:
        access: knows the tokens.
    """

    def __init__(self, access: Access) -> None:
        self._access = access

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable["Handler | None"]],
        details: grpc.HandlerCallDetails,
    ) -> "Handler | None":
        """Returns what answers one call."""
        presented = [_to_text(value) for name, value in details.invocation_metadata or () if name == _METADATA]
        try:
            self._access.admit(presented, Scope.INGEST)
        except UnauthenticatedError as error:
            return _make_refusing_handler(grpc.StatusCode.UNAUTHENTICATED, f"{error}: {error.hint}")
        except ForbiddenError as error:
            return _make_refusing_handler(grpc.StatusCode.PERMISSION_DENIED, f"{error}: {error.hint}")
        return await continuation(details)


def _make_refusing_handler(code: grpc.StatusCode, why: str) -> Handler:
    # As if it took a stream, so that the answer comes before the message, which may be large, is read.
    async def refuse(_: AsyncIterator[bytes], context: "grpc.aio.ServicerContext[Any, Any]") -> NoReturn:
        await context.abort(code, why)
        raise AssertionError("abort always raises")

    return grpc.stream_unary_rpc_method_handler(refuse)


def _to_text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
