"""Asks for a token before any route: none can be forgotten, for what is not named here needs one too."""

from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Request

from collector.access import Access
from collector.api.origins import SAFE_METHODS
from collector.api.refusals import make_refusal
from collector.errors import ForbiddenError, UnauthenticatedError
from collector.otlp.signals import is_telemetry
from runtime.tokens import Scope

#: Where the routes find who asks.
CALLER: Final = "causeline.caller"

#: Where they find that somebody asks whom nobody asked for a token that others need.
IS_STRANGER: Final = "causeline.is_stranger"

#: What is the same for everybody: that it is up, and how it is asked.
OPEN: Final = frozenset({"/healthz", "/docs", "/openapi.json"})

_REALM: Final = 'Bearer realm="causeline"'


class TokenMiddleware:
    """Answers those whose token is good for what they ask.

    Args:
        app: what answers them.
        access: knows the tokens.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Request, receive: Receive, send: Send) -> None:
        """Answers one request."""
        app = self._app
        if _is_open(scope):
            scope[IS_STRANGER] = self._access.is_needed()
        elif scope["type"] in ("http", "websocket"):
            needed = _find_needed_scope(scope)
            try:
                scope[CALLER] = self._access.admit(Headers(scope=scope).getlist("authorization"), needed)
            except UnauthenticatedError as error:
                challenge = f'{_REALM}, error="invalid_token"' if error.is_invalid else _REALM
                app = _make_refusal(scope, 401, "unauthenticated", error, challenge)
            except ForbiddenError as error:
                challenge = f'{_REALM}, error="insufficient_scope", scope="{needed}"'
                app = _make_refusal(scope, 403, "forbidden", error, challenge)
        await app(scope, receive, send)


def _is_open(scope: Request) -> bool:
    return scope["type"] == "http" and scope["method"] in SAFE_METHODS and scope["path"] in OPEN


def _find_needed_scope(scope: Request) -> Scope:
    if scope["type"] == "http" and is_telemetry(scope["path"]):
        return Scope.INGEST
    return Scope.READ if scope["type"] == "http" and scope["method"] in SAFE_METHODS else Scope.OPERATE


def _make_refusal(
    scope: Request, status: int, code: str, error: UnauthenticatedError | ForbiddenError, challenge: str
) -> Response:
    return make_refusal(scope, status, code, str(error), error.hint, {"www-authenticate": challenge})
