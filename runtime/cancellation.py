"""Waits for the end of tasks: of one that is cancelled, also where its code loses the cancellation, and of several of
which one may fail."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Any, Final, TypeVar

Answer = TypeVar("Answer")

#: Seconds that a task may take to end before it is cancelled again.
_AGAIN_AFTER: Final = 1.0


async def cancel_and_wait(task: "asyncio.Task[Any]") -> None:
    """Cancels a task until it has ended, however that is. Once is not enough: drivers, and `asyncio.wait_for` before
    Python 3.12, lose a cancellation that comes together with an error, and a loop that bears that error goes on."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_AGAIN_AFTER)


async def gather_all(asked: Iterable[Awaitable[Answer]]) -> list[Answer]:
    """The answers of all once all have ended. `asyncio.gather` raises the first error at once, and the others run on
    with nobody waiting for them: what they need may be closed meanwhile, or be given to others.

    Raises:
        Exception: the first of those that they raise, in their order.
    """
    answers: list[Answer] = []
    errors: list[BaseException] = []
    for answer in await asyncio.gather(*asked, return_exceptions=True):
        if isinstance(answer, BaseException):
            errors.append(answer)
        else:
            answers.append(answer)
    if errors:
        raise errors[0]
    return answers
