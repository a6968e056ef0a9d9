"""Waiting for something to be so, instead of sleeping and hoping."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

Found = TypeVar("Found")

LIMIT: Final = 15.0
"""Seconds after which a condition is given up."""


async def until(condition: Callable[[], Found | Awaitable[Found]], limit: float = LIMIT) -> Found:
    """The first true answer of a condition, sync or async.

    Raises:
        TimeoutError: when it has had none within `limit` seconds.
    """
    async with asyncio.timeout(limit):
        while True:
            answer = condition()
            found = await answer if inspect.isawaitable(answer) else answer
            if found:
                return found
            await asyncio.sleep(0.005)
