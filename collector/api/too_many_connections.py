"""What is said to one connection more than there may be, in the words of what it asks."""

from typing import Final

from collector.api import errors
from collector.api.headers import make_safe
from collector.errors import OverloadedError
from collector.otlp import responses
from collector.otlp.signals import is_telemetry

_MESSAGE: Final = "all connections of the collector are being answered; come again, or raise CAUSELINE_CONNECTION_LIMIT"


def make_too_many_answer(path: str, content_type: str) -> bytes:
    """Returns a whole answer to a request: a `google.rpc.Status` to senders of telemetry, else an error of the API.

    Args:
        path: of the request; empty where it is not known.
        content_type: of its body, as its head says.
    """
    if is_telemetry(path):
        response = responses.make_refusal(OverloadedError(_MESSAGE), responses.plain_type(content_type))
    else:
        response = errors.make_busy_answer(_MESSAGE)
    make_safe(response.headers)
    response.headers["connection"] = "close"
    lines = [b"HTTP/1.1 503 Service Unavailable", *(name + b": " + value for name, value in response.raw_headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + bytes(response.body)
