"""Cancellations that are heeded for certain.

Before Python 3.12 `asyncio.wait_for` loses a cancellation that comes in the moment in which it ends, and redis-py sends
every command through it. A task that asks the server again and again would go on as if nothing had happened.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

#: Seconds between two cancellations of the same work.
_AGAIN: Final = 0.2


def heed_cancellation() -> None:
    """For loops: raises `CancelledError` where the current task was cancelled and has not noticed."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def insist(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Does work in a task of its own; when this one is cancelled, that one is cancelled until it ends."""
    task = asyncio.create_task(work())
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=_AGAIN)
        raise
    await task
