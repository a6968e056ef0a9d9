"""What an OTLP sender is answered: success, partial success, or a `google.rpc.Status`, in the request's encoding."""

from typing import Final

from google.protobuf import json_format
from google.rpc.code_pb2 import Code  # type: ignore[import-untyped]  # ships no types
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # ships no types
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from starlette.responses import Response

from collector.errors import CollectorError, OverloadedError, StoreError, TooLargeError, UndecodableError
from collector.store.batch import Batch

PROTOBUF: Final = "application/x-protobuf"
JSON: Final = "application/json"

#: Seconds after which a refused sender should try again. The Python exporter gives up after ten in all, so small.
RETRY_SECONDS: Final = 1

_REFUSALS: Final[dict[type[CollectorError], tuple[int, int]]] = {
    UndecodableError: (400, Code.INVALID_ARGUMENT),
    TooLargeError: (413, Code.INVALID_ARGUMENT),
    OverloadedError: (503, Code.UNAVAILABLE),
    StoreError: (503, Code.UNAVAILABLE),
}


def success(batch: Batch) -> Response:
    """Answers that the spans are stored; those that were invalid are counted, and must not be sent again."""
    answer = ExportTraceServiceResponse()
    if batch.rejected:
        answer.partial_success.rejected_spans = batch.rejected_count
        answer.partial_success.error_message = "; ".join(
            f"{count} refused: {reason}" for reason, count in batch.rejected.items()
        )
    return Response(answer.SerializeToString(), 200, media_type=PROTOBUF)


def refusal(error: CollectorError) -> Response:
    """Answers that the request was refused whole.

    Args:
        error: one that senders can cause, or that passes by itself.
    """
    status, code = _REFUSALS[type(error)]
    headers = {"Retry-After": str(RETRY_SECONDS)} if status == 503 else {}
    body = Status(code=code, message=str(error)).SerializeToString()
    return Response(body, status, headers, media_type=PROTOBUF)


def unsupported(content_type: str) -> Response:
    """Answers that the request's encoding is not understood."""
    message = f"content type {content_type or 'none'!r} is not supported; send {PROTOBUF}"
    return _status(415, Code.INVALID_ARGUMENT, message, content_type)


def forbidden(message: str, content_type: str) -> Response:
    """Answers that the sender may not send here.

    Args:
        message: why, and what to do about it.
        content_type: the request's.
    """
    return _status(403, Code.PERMISSION_DENIED, message, content_type)


def plain_type(content_type: str) -> str:
    """Returns a `Content-Type` header without its parameters."""
    return content_type.split(";")[0].strip().lower()


def _status(http_status: int, code: int, message: str, content_type: str) -> Response:
    """Returns a refusal in the encoding of the request: JSON where that was JSON, else protobuf."""
    status = Status(code=code, message=message)
    if content_type == JSON:
        return Response(json_format.MessageToJson(status), http_status, media_type=JSON)
    return Response(status.SerializeToString(), http_status, media_type=PROTOBUF)
