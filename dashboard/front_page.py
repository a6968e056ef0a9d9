"""The page of HTML that every view begins with: it says where the dashboard lies.

Streamlit's script finds that out by itself: of `/steps` it asks `/steps/_stcore/health` first, which is not there, and
waits a tenth of a second before it asks `/_stcore/health`. A view is one part of a path, so that we know.
"""

from collections.abc import Iterable
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEAD: Final = b"<head>"
#: What would let a browser show a page that an older version of ours sent.
_OF_THE_FILE: Final = ("etag", "last-modified")


class FrontPage:
    """Adds to each page of HTML where the dashboard lies, whatever path a proxy puts in front of it.

    Args:
        app: what answers.
        views: paths of the views.
    """

    def __init__(self, app: ASGIApp, views: Iterable[str]) -> None:
        self._app = app
        base = rf"location.pathname.replace(/\/(?:{'|'.join(views)})?\/*$/, '/')"
        script = f"<script>window.__streamlit = {{ BACKEND_BASE_URL: location.origin + {base} }}</script>"
        self._begin = _HEAD + script.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if (
            scope["type"] != "http"
            or scope["method"] != "GET"
            or "text/html" not in Headers(scope=scope).get("accept", "")
        ):
            await self._app(scope, receive, send)
            return
        page = _Page(send, self._begin)
        await self._app(_plain(scope), receive, page.send)


def _plain(scope: Scope) -> Scope:
    """Returns a request whose answer is not compressed: it is small, and is changed."""
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]}


class _Page:
    """One answer, which is changed where it is a page of HTML."""

    def __init__(self, send: Send, begin: bytes) -> None:
        self._send = send
        self._begin = begin
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
        elif self._start is None or message["type"] != "http.response.body":
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._whole(self._start)

    async def _whole(self, start: Message) -> None:
        body = self._body.replace(_HEAD, self._begin, 1)
        headers = MutableHeaders(scope=start)
        headers["content-length"] = str(len(body))
        for name in _OF_THE_FILE:
            del headers[name]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _is_page(start: Message) -> bool:
    return start["status"] == 200 and Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")
