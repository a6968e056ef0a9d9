"""Waiting for what other processes do, among the modules of a release, which has nothing of `tests`."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

LIMIT: Final = 60.0
"""Seconds that anything may take to come true."""

#: Seconds between two looks: nobody tells when a file appears, a server answers or a process ends.
_PAUSE: Final = 0.05


async def until(condition: Callable[[], Any], what: str, limit: float = LIMIT) -> Any:
    """The first true answer of a condition, sync or async."""
    deadline = time.monotonic() + limit
    while True:
        answer = condition()
        found = await answer if isinstance(answer, Awaitable) else answer
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {limit:.0f} s: {what}")
        await asyncio.sleep(_PAUSE)
