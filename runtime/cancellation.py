"""Ends a task that is cancelled, also where its code loses the cancellation."""

import asyncio
from typing import Any, Final

#: Seconds that a task may take to end before it is cancelled again.
_AGAIN_AFTER: Final = 1.0


async def end(task: "asyncio.Task[Any]") -> None:
    """Cancels a task until it has ended, however that is. Once is not enough: drivers, and `asyncio.wait_for` before
    Python 3.12, lose a cancellation that comes together with an error, and a loop that bears that error goes on."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_AGAIN_AFTER)
