"""A question that did not fit into the memory that the database had is asked once more, when it has more."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: What a scope says of whether the question will be asked again.
_TRY: Final = "causeline.try"


class _Try:
    """The first time that a question is asked, and whether it is to be asked again."""

    is_in_vain = False


class SecondTry:
    """ASGI middleware: keeps an answer back that says so (`request_second_try`), and has the question answered anew.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        first = _Try()

        async def pass_on(message: Message) -> None:
            if not first.is_in_vain:
                await send(message)

        scope[_TRY] = first
        await self._app(scope, receive, pass_on)
        del scope[_TRY]
        if first.is_in_vain:
            await self._app(scope, receive, send)


def request_second_try(scope: Scope) -> bool:
    """Has a question be asked again, of which nothing has been answered yet.

    Returns:
        Whether it is; it is not for the second time.
    """
    first = scope.get(_TRY)
    if first is None:
        return False
    first.is_in_vain = True
    return True
