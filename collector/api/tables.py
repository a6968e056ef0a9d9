"""Content negotiation: any answer that is a table comes as a stream of Arrow record batches to whoever accepts that."""

from collections.abc import Mapping
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector.api import arrow
from collector.api.errors import make_error_answer

_JSON: Final = "application/json"
_SUCCESS: Final = 200


class ArrowAnswers:
    """Turns answers into tables, after the routes have made them.

    Args:
        app: what answers in JSON.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http" or not is_arrow_preferred(Headers(scope=scope).get("accept", "")):
            await self._app(scope, receive, send)
            return
        held = _HeldAnswer(send)
        await self._app(scope, receive, held.take)
        if held.start is None:
            return
        model = getattr(scope.get("route"), "response_model", None)
        if held.start["status"] != _SUCCESS or scope["method"] != "GET" or model is None:
            await held.pass_on(send)
        elif arrow.rows_field(model) is None:
            refusal = make_error_answer(406, "not_acceptable", "this answer is not a table", f"accept {_JSON}")
            await refusal(scope, receive, send)
        else:
            body = await run_in_threadpool(lambda: arrow.stream(model.model_validate_json(bytes(held.body))))
            await held.pass_on(send, body)


class _HeldAnswer:
    """A JSON answer that is held back until it is whole; any other, such as an export, goes through as it comes."""

    def __init__(self, send: Send) -> None:
        self.start: Message | None = None
        self.body = bytearray()
        self._send = send

    async def take(self, message: Message) -> None:
        """Takes a part of it."""
        if message["type"] == "http.response.start" and _is_json(message):
            self.start = message
        elif self.start is None:
            await self._send(message)
        else:
            self.body += message.get("body", b"")

    async def pass_on(self, send: Send, table: bytes | None = None) -> None:
        """Sends it, with another body where one is given."""
        if self.start is None:
            return
        body = bytes(self.body) if table is None else table
        if table is not None:
            headers = MutableHeaders(raw=self.start["headers"])
            headers["content-type"], headers["content-length"] = arrow.STREAM, str(len(body))
        await send(self.start)
        await send({"type": "http.response.body", "body": body})


def _is_json(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").partition(";")[0] == _JSON


def is_arrow_preferred(accept: str) -> bool:
    """Returns whether an `Accept` header (RFC 9110, 12.5.1) prefers Arrow to JSON, or likes them equally."""
    weights = dict(_parse_weight(each) for each in accept.split(","))
    wanted = weights.get(arrow.STREAM, 0.0)
    return wanted > 0 and wanted >= weights.get(_JSON, 0.0)


def _parse_weight(text: str) -> tuple[str, float]:
    media, *parameters = (part.strip().lower() for part in text.split(";"))
    values: Mapping[str, str] = dict(part.partition("=")[::2] for part in parameters)
    try:
        return media, float(values.get("q", "1"))
    except ValueError:
        return media, 0.0
