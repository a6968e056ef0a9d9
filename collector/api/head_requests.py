"""HEAD, as load balancers and monitors ask whether something is there: what GET would answer, without its body."""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

#: Where telemetry is taken; nothing is to be had there.
_TELEMETRY: Final = "/v1/"
#: Set in the scope, for answers that have no end of their own.
IS_HEAD: Final = "causeline.head"


class HeadRequests:
    """Has HEAD answered as GET; the server keeps the body back, and nothing else (RFC 9110, 9.3.2).

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] == "http" and scope["method"] == "HEAD" and not scope["path"].startswith(_TELEMETRY):
            scope = {**scope, "method": "GET", IS_HEAD: True}
        await self._app(scope, receive, send)
