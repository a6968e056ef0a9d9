"""A limit on what is sent to the API; telemetry has limits of its own."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector.otlp.signals import is_telemetry

#: Most bytes of a request's body: a thousand ids of dead letters take forty thousand.
LIMIT: Final = 2**20


class BodyLimit:
    """Refuses large bodies before they are read.

    Args:
        app: what answers the others.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http" or is_telemetry(scope["path"]):
            await self._app(scope, receive, send)
            return
        size = 0

        async def receive_counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > LIMIT:
                raise HTTPException(
                    413, f"the body of the request is larger than {LIMIT} bytes", {"Connection": "close"}
                )
            return message

        await self._app(scope, receive_counted, send)
