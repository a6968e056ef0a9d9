"""How often a child may be started again."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

MOST: Final = 3
"""Restarts within the window; what dies more often will not be mended by one more."""

WINDOW: Final = 60.0
"""Seconds."""


class Restarts:
    """The restarts of one child.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=MOST)

    def allow(self) -> bool:
        """Whether one more is allowed now; counts it then."""
        now = self._clock()
        if len(self._times) == MOST and now - self._times[0] < WINDOW:
            return False
        self._times.append(now)
        return True
