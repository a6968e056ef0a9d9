"""Waiting for something to be so, instead of sleeping and hoping."""

import asyncio
import inspect
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

Seen = TypeVar("Seen")

PATIENCE: Final = 20.0
"""Seconds that a condition may take before a test gives up on it."""

_BREATH: Final = 0.005
_QUIET: Final = threading.Event()


async def until(
    condition: Callable[[], Seen | Awaitable[Seen | None] | None],
    what: str = "the condition",
    patience: float = PATIENCE,
) -> Seen:
    """The first true answer of a condition, sync or async.

    Raises:
        AssertionError: there was none in time; says what was awaited.
    """
    deadline = time.monotonic() + patience
    while True:
        answer = condition()
        seen = await answer if inspect.isawaitable(answer) else answer
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(_in_vain(what, patience))
        await asyncio.sleep(_BREATH)


def until_sync(condition: Callable[[], Seen | None], what: str = "the condition", patience: float = PATIENCE) -> Seen:
    """The same outside of an event loop."""
    deadline = time.monotonic() + patience
    while not (seen := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(_in_vain(what, patience))
        _QUIET.wait(_BREATH)
    return seen


def _in_vain(what: str, patience: float) -> str:
    return f"waited {patience:.0f} s in vain: {what}"
