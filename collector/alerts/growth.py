"""How much counts have grown, as far as they were looked at."""

import time
from bisect import bisect_right
from collections.abc import Callable, Hashable, Mapping
from typing import Final

#: Seconds that are remembered at most.
MEMORY: Final = 86_400.0

#: Changes that are remembered of one count; of one that changes more often, the older ones are thinned out.
CHANGES: Final = 512


class GrowthTracker:
    """Remembers when counts changed, and to what.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changes: dict[Hashable, list[tuple[float, int]]] = {}

    def record_counts(self, counts: Mapping[Hashable, int]) -> None:
        """Notes counts as they are now; of those that are not among them nothing is remembered."""
        now = self._clock()
        self._changes = {
            key: self._append_change(self._changes.get(key, []), now, count) for key, count in counts.items()
        }

    def measure_growth(self, key: Hashable, window: float) -> int:
        """Returns by how much a count is larger than it was so many seconds ago, or when it was first looked at; 0
        where it is not larger."""
        changes = self._changes.get(key)
        if not changes:
            return 0
        place = bisect_right(changes, self._clock() - window, key=lambda change: change[0])
        return max(0, changes[-1][1] - changes[max(0, place - 1)][1])

    def has_grown_within(self, key: Hashable, window: float) -> bool:
        """Returns whether a count was looked at for the first time, or grew, within so many seconds."""
        start = self._clock() - window
        changes = self._changes.get(key, [])
        return any(
            at > start and (place == 0 or count > changes[place - 1][1]) for place, (at, count) in enumerate(changes)
        )

    @staticmethod
    def _append_change(changes: list[tuple[float, int]], now: float, count: int) -> list[tuple[float, int]]:
        if changes and changes[-1][1] == count:
            return changes
        # The last change before what is remembered says how much there was at its begin.
        old = bisect_right(changes, now - MEMORY, key=lambda change: change[0])
        kept = [*changes[max(0, old - 1) :], (now, count)]
        return kept if len(kept) <= CHANGES else [*kept[: CHANGES // 2 : 2], *kept[CHANGES // 2 :]]
