"""How many spans were lost in this process, and why; said in the log once a minute at most."""

import logging
import threading
from collections import Counter
from typing import Final

from runtime.clock import Clock

_log: Final = logging.getLogger(__name__)

#: Seconds between two lines in the log.
INTERVAL: Final = 60.0


class Losses:
    """A count of lost spans by reason. Any thread may add."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._unsaid: Counter[str] = Counter()
        self._total = self._unsaved = 0
        self._said_at: float | None = None

    @property
    def total(self) -> int:
        """Spans lost since the process began."""
        return self._total

    @property
    def unsaved(self) -> int:
        """Those among them that could be neither sent nor saved; emitted again, they may be."""
        return self._unsaved

    def add(self, spans: int, why: str, *, for_good: bool = False) -> None:
        """Counts lost spans.

        Args:
            spans: how many.
            why: a few words, from a small set, without any content of the spans.
            for_good: emitted again they would be lost again: nobody can take them.
        """
        with self._lock:
            self._total += spans
            self._unsaved += 0 if for_good else spans
            self._unsaid[why] += spans
            now = self._clock.monotonic()
            if self._said_at is not None and now - self._said_at < INTERVAL:
                return
            self._said_at = now
        self.log_unsaid()

    def log_unsaid(self) -> None:
        """Writes what was not said yet to the log; nothing where there is nothing."""
        with self._lock:
            unsaid, self._unsaid = self._unsaid, Counter()
        for why, spans in unsaid.items():
            _log.warning("%d spans were dropped: %s. %d since the start.", spans, why, self._total)
