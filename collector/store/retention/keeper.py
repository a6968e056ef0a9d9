"""Cleans the store again and again, in a thread of its own that rests more than it works."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import duckdb

from collector.errors import StoreError
from collector.store.database import Database
from collector.store.retention.cleaning import Cleaning, Removed, Stopped
from collector.store.retention.policy import Policy

_LOG: Final = logging.getLogger(__name__)

#: Seconds to the first cleaning at most: on a laptop no collector may live for a whole interval.
_FIRST: Final = 60.0

#: Seconds of rest for each second of work, and the longest rest: whoever sends and asks comes first.
_REST_FACTOR: Final = 3.0
_LONGEST_REST: Final = 5.0

#: Seconds that the end waits for the thread, and after which it is told once more.
_PATIENCE: Final = 5.0
_AGAIN: Final = 0.05


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The last cleaning: when it was over (nanoseconds since 1970), and what it removed."""

    at_ns: int
    removed: Removed


class Keeper:
    """Keeps a store within its policy.

    Args:
        database: the store.
        policy: what is kept; where that is everything, nothing is done.
        interval: seconds from the end of a cleaning to the next; before the first it is a minute at most.
        clock: nanoseconds since 1970.
    """

    def __init__(
        self, database: Database, policy: Policy, interval: float, clock: Callable[[], int] = time.time_ns
    ) -> None:
        self.policy = policy
        self._database = database
        self._interval = interval
        self._clock = clock
        self._last: Cleaned | None = None
        self._end = threading.Event()
        self._resumed = time.monotonic()
        self._thread = threading.Thread(target=self._work, name="retention", daemon=True)

    @property
    def last(self) -> Cleaned | None:
        """The last cleaning that was not cut short."""
        return self._last

    def start(self) -> None:
        """Begins; the first cleaning lets a start, and who waited for it, have their time."""
        if not self.policy.is_endless:
            self._thread.start()

    def close(self) -> None:
        """Ends; a statement that is under way is cut off. Safe to call twice."""
        self._end.set()
        deadline = time.monotonic() + _PATIENCE
        while self._thread.ident is not None and self._thread.is_alive() and time.monotonic() < deadline:
            self._database.interrupt(self._thread.ident)  # again and again: between two statements nobody hears it
            self._thread.join(_AGAIN)

    def clean(self) -> None:
        """Cleans once. What fails is tried again the next time.

        Raises:
            Stopped: when the keeper was closed meanwhile.
        """
        self._resumed = time.monotonic()
        cleaning = Cleaning(self._database, self.policy, self._rest, self._clock())
        try:
            removed = cleaning.run()
        except (StoreError, duckdb.Error) as error:
            if not self._end.is_set():
                _LOG.warning("what is old could not be removed, which is tried again: %s", error)
            return
        self._last = Cleaned(self._clock(), removed)

    def _work(self) -> None:
        try:
            wait = min(self._interval, _FIRST)
            while not self._end.wait(wait):
                self.clean()
                wait = self._interval
        except Stopped:
            return

    def _rest(self) -> None:
        worked = time.monotonic() - self._resumed
        if self._end.wait(min(_REST_FACTOR * worked, _LONGEST_REST)):
            raise Stopped
        self._resumed = time.monotonic()
