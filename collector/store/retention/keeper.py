"""Cleans the store again and again, in the background."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import duckdb

from collector.errors import RoomError, StoreError
from collector.store.background import REST_FACTOR, Background
from collector.store.database import Database
from collector.store.retention.cleaning import Cleaning, RemovedCounts
from collector.store.retention.policy import CROWDED, Policy

_LOG: Final = logging.getLogger(__name__)

#: Seconds to the first cleaning at most: on a laptop no collector may live for a whole interval.
_FIRST: Final = 60.0

#: Seconds of the longest rest within a cleaning.
_LONGEST_REST: Final = 5.0

#: Seconds of rest for each second of work where much more is stored than may be: what comes in must not outrun it.
_HURRY_FACTOR: Final = 0.25

#: Seconds from one look at the size to the next, where that is limited: within an interval a disk could be full.
_LOOK: Final = 10.0

#: Seconds to the next cleaning where the last one has removed something and it is still too much, or where it needs
#: more memory, which is given for longer than this.
_AGAIN: Final = 5.0


@dataclass(frozen=True, slots=True)
class CleaningResult:
    """The last cleaning: when it was over (nanoseconds since 1970), and what it removed."""

    at_ns: int
    removed: RemovedCounts


class Keeper:
    """Keeps a store within its policy.

    Args:
        database: the store.
        policy: what is kept; where that is everything, nothing is done.
        interval: seconds from the end of a cleaning to the next; before the first it is a minute at most. It is less
            where much more is stored than may be, and more than the last one left.
        clock: nanoseconds since 1970.
    """

    def __init__(
        self, database: Database, policy: Policy, interval: float, clock: Callable[[], int] = time.time_ns
    ) -> None:
        self.policy = policy
        self._database = database
        self._interval = interval
        self._clock = clock
        self._last: CleaningResult | None = None
        self._due = 0.0
        self._left = 0
        self._lacked_room = False
        self._resumed = time.monotonic()
        self._rest_factor = REST_FACTOR
        self._background = Background("retention", database, self._clean_when_due, min(interval, _FIRST))

    @property
    def last_cleaning(self) -> CleaningResult | None:
        """The last cleaning that was not cut short."""
        return self._last

    def start(self) -> None:
        """Begins; the first cleaning lets a start, and who waited for it, have their time."""
        if not self.policy.is_endless:
            self._background.start()

    def close(self) -> None:
        """Ends; a statement that is under way is cut off. Safe to call twice."""
        self._background.close()

    def clean(self) -> None:
        """Cleans once. What fails is tried again the next time: soon, where it needs more memory than the database had,
        which it has for a while now.

        Raises:
            Stopped: when the keeper was closed meanwhile.
        """
        self._resumed = time.monotonic()
        cleaning = Cleaning(self._database, self.policy, self._rest, self._clock())
        try:
            is_crowded = self.policy.is_exceeded(self._database.used_bytes, CROWDED)
            self._rest_factor = _HURRY_FACTOR if is_crowded else REST_FACTOR
            self._lacked_room = False
            removed = cleaning.run()
        except (StoreError, duckdb.Error) as error:
            self._lacked_room = isinstance(error, RoomError)
            if not self._background.is_ending:
                _LOG.warning("what is old could not be removed, which is tried again: %s", error)
            return
        self._last = CleaningResult(self._clock(), removed)

    def _clean_when_due(self) -> float:
        """Cleans when it is time, or when too much came since the last time; returns the seconds to the next look."""
        if time.monotonic() >= self._due or self._has_grown():
            self._due = time.monotonic() + self._clean_and_plan()
        rest = max(self._due - time.monotonic(), 0.0)
        return rest if self.policy.most_bytes is None else min(rest, _LOOK)

    def _has_grown(self) -> bool:
        if self.policy.most_bytes is None:
            return False
        used = self._measure_used_bytes()
        grown = used - self._left
        return self.policy.is_exceeded(used, CROWDED) and self.policy.is_exceeded(grown, CROWDED - 1)

    def _clean_and_plan(self) -> float:
        before = self._last
        self.clean()
        last = self._last
        self._left = self._measure_used_bytes()
        has_removed = last is not None and last is not before and last.removed.records > 0
        is_soon = self._lacked_room or (has_removed and self.policy.is_exceeded(self._left))
        return min(_AGAIN, self._interval) if is_soon else self._interval

    def _measure_used_bytes(self) -> int:
        """Returns how much is in use; nothing where that can't be told."""
        try:
            return self._database.used_bytes
        except (StoreError, duckdb.Error):  # whoever cleans next says so; or this was cut off, to end
            return 0

    def _rest(self) -> None:
        worked = time.monotonic() - self._resumed
        self._background.rest(min(self._rest_factor * worked, _LONGEST_REST))
        self._resumed = time.monotonic()
