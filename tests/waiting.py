"""Waiting for conditions instead of for time; `tests.conditions` does the same inside an event loop."""

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

Seen = TypeVar("Seen")

PATIENCE: Final = 20.0
"""Seconds that a condition may take before a test gives up on it."""

_BREATH = threading.Event()


def wait_until(condition: Callable[[], Seen | None], what: str = "the condition", patience: float = PATIENCE) -> Seen:
    """The first true answer of the condition; fails, saying what was awaited, when there never is one."""
    deadline = time.monotonic() + patience
    while not (seen := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:.0f} s in vain: {what}")
        _BREATH.wait(0.01)
    return seen
