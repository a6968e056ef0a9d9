"""Refusals before any route: in the shape of the API, or as a sender of telemetry reads them."""

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from collector.api.errors import make_error_answer
from collector.otlp import responses
from collector.otlp.signals import is_telemetry


def make_refusal(
    scope: Scope, status: int, code: str, message: str, hint: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Returns a refusal as whoever asked can read it.

    Args:
        scope: of the request.
        status: 401 or 403.
        code: a word for programs.
        message: a sentence.
        hint: what to do about it.
        headers: more of them.
    """
    if scope["type"] == "http" and is_telemetry(scope["path"]):
        content_type = responses.plain_type(Headers(scope=scope).get("content-type", ""))
        refuse = responses.make_unauthenticated if status == 401 else responses.make_forbidden
        response = refuse(f"{message}: {hint}", content_type)
    else:
        response = make_error_answer(status, code, message, hint)
    response.headers.update(headers or {})
    return response
