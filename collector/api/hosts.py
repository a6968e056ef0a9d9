"""Guards against DNS rebinding: while the collector listens on loopback, only this machine's own names are accepted.

A page from elsewhere can let its host name point to 127.0.0.1; the browser then takes the collector for that page's own
server, and lets it read and replay. The `Host` header still carries the foreign name.
"""

import re
from ipaddress import ip_address
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from collector.api.errors import answer
from collector.otlp import responses
from collector.otlp.signals import is_telemetry

_HOST: Final = re.compile(r"(?:\[([^\]]+)\]|([^:\[\]]+))(?::\d*)?")


def is_loopback(host: str) -> bool:
    """Returns whether a host name or address, without port or brackets, always means this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class OwnHostOnly:
    """Refuses requests that were sent to another name than this machine's own.

    Starlette's `TrustedHostMiddleware` does the same, but answers in plain text.

    Args:
        app: what answers the others.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        app = self._app
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            host = headers.get("host", "")
            match = _HOST.fullmatch(host)
            if match is None or not is_loopback(match[1] or match[2]):
                app = _refusal(scope["path"], host, headers.get("content-type", ""))
        await app(scope, receive, send)


def _refusal(path: str, host: str, content_type: str) -> Response:
    message = f"the collector listens on this machine alone, and is not {host!r}"
    hint = "ask for localhost or 127.0.0.1; to serve other names, set CAUSELINE_COLLECTOR_HOST"
    if is_telemetry(path):
        return responses.forbidden(f"{message}: {hint}", responses.plain_type(content_type))
    return answer(403, "foreign_host", message, hint)
