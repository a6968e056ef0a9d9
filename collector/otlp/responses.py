"""What an OTLP sender is answered: success, partial success, or a `google.rpc.Status`, in the request's encoding."""

from collections.abc import Mapping
from typing import Any, Final, cast

from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc.code_pb2 import Code  # type: ignore[import-untyped]  # ships no types
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # ships no types
from starlette.responses import Response

from collector.errors import CollectorError
from collector.otlp import refusals
from collector.otlp.signals import SIGNALS, Signal
from collector.store import early_times
from collector.store.batch import Batch

PROTOBUF: Final = "application/x-protobuf"
JSON: Final = "application/json"

#: Characters of a path that an answer repeats.
_LONGEST_PATH: Final = 200

#: Seconds after which a refused sender should try again. The Python exporter gives up after ten in all, so small.
RETRY_SECONDS: Final = 1


def make_success(signal: Signal, batch: Batch, content_type: str) -> Response:
    """Answers that a request is stored; what was invalid in it is counted, and must not be sent again.

    Args:
        signal: what it held.
        batch: what was made of it.
        content_type: the request's.
    """
    return _encode_response(make_receipt(signal, batch), 200, content_type)


def make_receipt(signal: Signal, batch: Batch) -> Message:
    """Returns the message that says what was stored: empty where all of it was, else with counts and reasons."""
    answer: Any = signal.response()
    refused = [f"{count} refused: {reason}" for reason, count in batch.rejected.items()]
    mended = [
        f"{count} {reason}" if early_times.is_about_early_times(reason) else f"{count} values: {reason}"
        for reason, count in batch.mended.items()
    ]
    if refused:
        setattr(answer.partial_success, signal.rejected, batch.rejected_count)
    if refused or mended:
        answer.partial_success.error_message = "; ".join([*refused, *mended])
    return cast("Message", answer)


def make_refusal(error: CollectorError, content_type: str) -> Response:
    """Answers that the request was refused whole.

    Args:
        error: one of `refusals.REFUSED`.
        content_type: the request's.
    """
    said = refusals.find_refusal(error)
    headers = {"Retry-After": str(RETRY_SECONDS)} if said.is_transient else {}
    if said.http_status in (408, 413):
        headers = {"Connection": "close"}  # what is still on its way has no place to go
    return _encode_response(Status(code=said.code, message=str(error)), said.http_status, content_type, headers)


def make_unsupported(content_type: str) -> Response:
    """Answers that the request's encoding is not understood."""
    message = f"content type {content_type or 'none'!r} is not supported; send {PROTOBUF} or {JSON}"
    return _make_status_response(415, Code.INVALID_ARGUMENT, message, content_type)


def make_not_allowed(method: str, content_type: str) -> Response:
    """Answers that requests are posted here, and nothing else is done."""
    message = f"{method} is not answered here; telemetry is sent with POST"
    status = Status(code=Code.UNIMPLEMENTED, message=message)
    return _encode_response(status, 405, plain_type(content_type), {"Allow": "POST"})


def make_not_found(path: str, content_type: str) -> Response:
    """Answers that nothing is taken at a path.

    Args:
        path: where it was sent.
        content_type: the request's.
    """
    known = ", ".join(signal.path for signal in SIGNALS)
    message = f"nothing is taken at {path[:_LONGEST_PATH]}; telemetry is sent to {known}"
    return _make_status_response(404, Code.NOT_FOUND, message, plain_type(content_type))


def make_internal_error(content_type: str) -> Response:
    """Answers that something is wrong with the collector; what is wrong would be wrong again."""
    message = "the collector failed to take the request; its log says more"
    return _encode_response(Status(code=Code.INTERNAL, message=message), 500, plain_type(content_type))


def make_forbidden(message: str, content_type: str) -> Response:
    """Answers that the sender may not send here.

    Args:
        message: why, and what to do about it.
        content_type: the request's.
    """
    return _make_status_response(403, Code.PERMISSION_DENIED, message, content_type)


def make_unauthenticated(message: str, content_type: str) -> Response:
    """Answers that nobody knows who sends.

    Args:
        message: what to do about it.
        content_type: the request's.
    """
    return _make_status_response(401, Code.UNAUTHENTICATED, message, content_type)


def plain_type(content_type: str) -> str:
    """Returns a `Content-Type` header without its parameters."""
    return content_type.split(";")[0].strip().lower()


def _make_status_response(http_status: int, code: int, message: str, content_type: str) -> Response:
    return _encode_response(Status(code=code, message=message), http_status, content_type)


def _encode_response(
    message: Message, status: int, content_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Returns an answer in the encoding of the request: JSON where that was JSON, else protobuf."""
    if content_type == JSON:
        return Response(json_format.MessageToJson(message, indent=None), status, headers, media_type=JSON)
    return Response(message.SerializeToString(), status, headers, media_type=PROTOBUF)
