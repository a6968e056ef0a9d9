"""Bounds the answers of the API before they are sent. What is no JSON, such as an export, goes through as it is."""

from typing import Final
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector.api.bounds import SMALL, bound_answer
from collector.api.tables import is_arrow_preferred
from collector.store.question import WHOLE

_API: Final = "/api/"
_JSON: Final = b"application/json"
_YES: Final = ("true", "1", "yes", "on")

#: What every route of the API takes: the value that is told whole, and whether all are.
PARAMETERS: Final = ("full", "whole")


class BoundedAnswers:
    """ASGI middleware: cuts what is too long in JSON answers, except for the value that `?full=` names.

    Args:
        app: who answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, and its answer back."""
        if scope["type"] != "http" or not scope["path"].startswith(_API):
            await self._app(scope, receive, send)
            return
        if _is_whole(scope):
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Answer(send, _query_value(scope, "full")).take)


def find_text_limit(scope: Scope) -> int:
    """Returns how many characters of each text an answer can use: what is cut anyway need not be read of the store."""
    accept = Headers(scope=scope).get("accept", "")
    uncut = _is_whole(scope) or _query_value(scope, "full") or is_arrow_preferred(accept)
    return WHOLE if uncut else SMALL


def _is_whole(scope: Scope) -> bool:
    """Returns whether what is asked for is never cut, as an export."""
    return _query_value(scope, "whole").lower() in _YES


def _query_value(scope: Scope, name: str) -> str:
    query: bytes = scope["query_string"]
    return parse_qs(query.decode("latin-1")).get(name, [""])[0]


class _Answer:
    """Holds a JSON answer back until it is whole."""

    def __init__(self, send: Send, full: str) -> None:
        self._send = send
        self._full = full
        self._head: Message | None = None
        self._body = bytearray()

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start" and dict(message["headers"]).get(b"content-type") == _JSON:
            self._head = message
        elif self._head is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._head)

    async def _finish(self, head: Message) -> None:
        body = await run_in_threadpool(bound_answer, bytes(self._body), full=self._full)
        others = [(name, value) for name, value in head["headers"] if name != b"content-length"]
        head["headers"] = [*others, (b"content-length", str(len(body)).encode())]
        await self._send(head)
        await self._send({"type": "http.response.body", "body": body})
