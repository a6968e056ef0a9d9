"""The one table of what whole requests are refused for, and of what their senders are answered, over HTTP and gRPC."""

from dataclasses import dataclass
from typing import Final

import grpc
from google.rpc.code_pb2 import Code  # type: ignore[import-untyped]  # ships no types

from collector.errors import CollectorError, OverloadedError, StoreError, TooLargeError, TooSlowError, UndecodableError


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a sender is answered.

    Attributes:
        reason: what the request is counted under.
        http_status: of an answer over HTTP.
        code: of `google.rpc`, in the body of that answer.
        rpc_code: of an answer over gRPC.
    """

    reason: str
    http_status: int
    code: int
    rpc_code: grpc.StatusCode

    @property
    def is_transient(self) -> bool:
        """Whether it passes by itself: the sender is told when to send the same again."""
        return self.rpc_code is grpc.StatusCode.UNAVAILABLE


_TABLE: Final[dict[type[CollectorError], Refusal]] = {
    UndecodableError: Refusal("undecodable", 400, Code.INVALID_ARGUMENT, grpc.StatusCode.INVALID_ARGUMENT),
    # gRPC itself says this of a message that is too large. With no time to try again at, senders drop the request.
    TooLargeError: Refusal("too_large", 413, Code.INVALID_ARGUMENT, grpc.StatusCode.RESOURCE_EXHAUSTED),
    # To a caller over gRPC, DEADLINE_EXCEEDED would mean a deadline of its own. It may send again after either.
    TooSlowError: Refusal("too_slow", 408, Code.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED),
    OverloadedError: Refusal("overloaded", 503, Code.UNAVAILABLE, grpc.StatusCode.UNAVAILABLE),
    StoreError: Refusal("not_stored", 503, Code.UNAVAILABLE, grpc.StatusCode.UNAVAILABLE),
}

#: Every error that a request is refused for; with each, those that derive from it.
REFUSED: Final = tuple(_TABLE)

#: What any other error is: a fault of the collector.
_FAULT: Final = Refusal("other", 500, Code.INTERNAL, grpc.StatusCode.INTERNAL)


def find_refusal(error: CollectorError) -> Refusal:
    """Returns what a request is answered that was refused for an error: what the nearest of its classes has here."""
    return next((_TABLE[kind] for kind in type(error).__mro__ if kind in _TABLE), _FAULT)
