"""What is told with every answer. Browsers: not to frame it, nor to guess its type, nor to load anything for it.

Whoever sent a body with two lengths: that the connection ends, for a proxy in front may go by the other one
(RFC 9112, 6.1).
"""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector.hosts import SAFE_HEADERS

_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


#: Both say how long a body is.
_LENGTHS: Final = frozenset({b"content-length", b"transfer-encoding"})


def make_safe(headers: MutableHeaders) -> None:
    """Adds what an answer does not say itself."""
    for name, value in SAFE_HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("content-security-policy", _POLICY)


class SafeHeaders:
    """Adds the headers to each answer.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""

        is_ambiguous = _LENGTHS.issubset(name for name, _ in scope.get("headers", ()))

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                make_safe(headers)
                if is_ambiguous:
                    headers["connection"] = "close"
            await send(message)

        await self._app(scope, receive, sending)
