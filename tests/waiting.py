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

#: Seconds between two looks: a twentieth of what was waited already, and neither less nor more than these. A look every
#: few milliseconds at what takes seconds kept one of two cores busy with looking.
_BREATH: Final = 0.005
_LONG_BREATH: Final = 0.05
_SHARE: Final = 1 / 20
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
    begun = time.monotonic()
    while True:
        answer = condition()
        seen = await answer if inspect.isawaitable(answer) else answer
        if seen:
            return seen
        await asyncio.sleep(_breath(begun, what, patience))


async def a_turn() -> None:
    """Waits until all that is ready in the event loop has run once."""
    loop = asyncio.get_running_loop()
    has_run: asyncio.Future[None] = loop.create_future()
    loop.call_soon(has_run.set_result, None)
    await has_run


def until_sync(condition: Callable[[], Seen | None], what: str = "the condition", patience: float = PATIENCE) -> Seen:
    """The same outside of an event loop."""
    begun = time.monotonic()
    while not (seen := condition()):
        _QUIET.wait(_breath(begun, what, patience))
    return seen


def _breath(begun: float, what: str, patience: float) -> float:
    """Seconds until the next look."""
    waited = time.monotonic() - begun
    if waited > patience:
        raise AssertionError(f"waited {patience:.0f} s in vain: {what}")
    return min(max(_BREATH, waited * _SHARE), _LONG_BREATH)
