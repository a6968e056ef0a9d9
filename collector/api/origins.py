"""Which pages may make a browser ask us.

A page that we did not serve changes nothing here, whatever it has its visitor's browser send. The pages that are listed
may send telemetry (CORS), and no more than that: to watch a page's users is no reason to let it replay dead letters.
"""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector.api.refusals import make_refusal
from collector.hosts import AllowedHosts
from collector.otlp.signals import is_telemetry

#: Methods that change nothing; what they bring, a browser keeps from foreign pages by itself.
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

#: What browser SDKs send beyond what every page may.
_HEADERS: Final = "content-type, content-encoding, authorization, traceparent, tracestate, baggage"

#: Seconds that a browser remembers its permission.
_REMEMBER: Final = "7200"


class KnownOriginsOnly:
    """Answers our own pages, programs that are no page, and telemetry of pages that are listed.

    Args:
        app: what answers them.
        hosts: our names.
        origins: pages that may send telemetry.
    """

    def __init__(self, app: ASGIApp, hosts: AllowedHosts, origins: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        app = self._app
        headers = Headers(scope=scope)
        origin = ", ".join(headers.getlist("origin"))
        takes_telemetry = scope["type"] == "http" and is_telemetry(scope["path"])
        is_listed = takes_telemetry and origin.lower() in self._origins
        if takes_telemetry and _is_preflight(scope, headers):
            app = _permission(headers) if is_listed else _refuse_foreign(scope, origin)
        elif origin and _is_change(scope) and not is_listed and not self._hosts.trusts(origin, headers.get("host", "")):
            app = _refuse_foreign(scope, origin)
        await app(scope, receive, _add_origin_headers(send, origin if is_listed else "") if takes_telemetry else send)


def _is_change(scope: Scope) -> bool:
    return scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS


def _is_preflight(scope: Scope, headers: Headers) -> bool:
    return scope["method"] == "OPTIONS" and "access-control-request-method" in headers


def _permission(headers: Headers) -> Response:
    permitted = {
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": _HEADERS,
        "access-control-max-age": _REMEMBER,
    }
    if headers.get("access-control-request-private-network") == "true":
        permitted["access-control-allow-private-network"] = "true"
    return Response(status_code=204, headers=permitted)


def _refuse_foreign(scope: Scope, origin: str) -> Response:
    message = f"pages of {origin or 'nowhere'} may not do this"
    hint = "list the page's origin in CAUSELINE_ALLOWED_ORIGINS to let it send telemetry; nothing lets it operate"
    return make_refusal(scope, 403, "foreign_origin", message, hint)


def _add_origin_headers(send: Send, origin: str) -> Send:
    """Says with each answer which page may read it, also with refusals."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.add_vary_header("Origin")
            if origin:
                headers["access-control-allow-origin"] = origin
                headers["access-control-expose-headers"] = "retry-after"
        await send(message)

    return sending
