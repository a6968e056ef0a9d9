"""Bounds the answers of the API before they are sent. What is no JSON, such as an export, goes through as it is."""

from typing import Final
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector.api.bounds import bounded

_API: Final = "/api/"
_JSON: Final = b"application/json"
_YES: Final = ("true", "1", "yes", "on")


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
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        if asked.get("whole", [""])[0].lower() in _YES:  # what is exported is never cut
            await self._app(scope, receive, send)
            return
        full = asked.get("full", [""])[0]
        await self._app(scope, receive, _Answer(send, full).take)


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
        body = await run_in_threadpool(bounded, bytes(self._body), full=self._full)
        others = [(name, value) for name, value in head["headers"] if name != b"content-length"]
        head["headers"] = [*others, (b"content-length", str(len(body)).encode())]
        await self._send(head)
        await self._send({"type": "http.response.body", "body": body})
