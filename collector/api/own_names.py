"""Refuses requests that were sent to another name than our own: see `collector/hosts.py`."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from collector.api.refusals import make_refusal
from collector.hosts import AllowedHosts


class OwnNamesOnly:
    """Answers those who ask us by a name of ours.

    Starlette's `TrustedHostMiddleware` does the same, but answers in plain text, and takes the first of two headers.

    Args:
        app: what answers the others.
        hosts: our names.
    """

    def __init__(self, app: ASGIApp, hosts: AllowedHosts) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        app = self._app
        if scope["type"] in ("http", "websocket"):
            named = Headers(scope=scope).getlist("host")
            host = named[0] if len(named) == 1 else ", ".join(named)
            if not self._hosts.allows(host):
                hint = "ask by the address that it listens on, or list the name in CAUSELINE_ALLOWED_HOSTS"
                app = make_refusal(scope, 403, "foreign_host", f"this collector does not answer to {host!r}", hint)
        await app(scope, receive, send)
