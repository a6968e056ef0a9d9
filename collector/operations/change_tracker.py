"""For how long things have been as they are, as far as was looked: a queue that moves is long, one that stands is
stuck."""

import time
from collections.abc import Callable, Hashable, Mapping
from typing import Final, Generic, TypeVar

#: Seconds between two looks after which nothing is known of the time between them.
GAP_SECONDS: Final = 30.0

Key = TypeVar("Key", bound=Hashable)


class ChangeTracker(Generic[Key]):
    """Remembers how things were when they were looked at.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: dict[Key, tuple[Hashable, float]] = {}
        self._looked_at = float("-inf")

    def measure_unchanged_seconds(self, states: Mapping[Key, Hashable]) -> dict[Key, float]:
        """Returns for how many seconds each has been as it is now; 0 where it is seen for the first time.

        Args:
            states: how things are; of those that are not among them nothing is remembered.
        """
        now = self._clock()
        before = self._since if now - self._looked_at <= GAP_SECONDS else {}
        self._looked_at = now
        self._since = {
            key: before[key] if key in before and before[key][0] == state else (state, now)
            for key, state in states.items()
        }
        return {key: now - since for key, (_, since) in self._since.items()}
