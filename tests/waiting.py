"""Waiting for conditions instead of for time."""

import threading
import time
from collections.abc import Callable
from typing import Final

PATIENCE: Final = 20.0
"""Seconds that a condition may take before a test gives up on it."""

_BREATH = threading.Event()


def wait_until(condition: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Return as soon as the condition holds; fail, saying what was awaited, when it never does."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:.0f} s in vain: {what}")
        _BREATH.wait(0.01)
