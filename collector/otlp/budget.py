"""How many bytes of requests may be held at once, from the first byte read until the answer."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from collector.errors import OverloadedError

#: Seconds for which what arrives is safe from being cut off for others. Most requests are there whole by then.
ARRIVAL_SECONDS: Final = 0.5


class Budget:
    """Bytes that all requests share, as sent, as unpacked, and as they will be once decoded.

    The memory that they take is a multiple: DuckDB needs more to write them. Where there is no room, the request that
    has been arriving for the longest is cut off: a sender that stalls holds nothing that others need.

    Args:
        limit: most bytes held at once. A request that is alone gets in whatever its size, or it never would.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._arriving: dict[Share, tuple[float, Callable[[], object]]] = {}  # the longest first
        self._lock = threading.Lock()

    @contextmanager
    def share(self) -> Iterator["Share"]:
        """Opens one request's share; what it holds is given back when the block ends."""
        share = Share(self)
        try:
            yield share
        finally:
            share.give_back()

    def take(self, size: int, share: "Share") -> None:
        """Takes more bytes for a request.

        Raises:
            OverloadedError: when all requests would hold more than the limit, this one is not alone, and no other can
                be cut off.
        """
        with self._lock:
            while self._held > share.size and self._held + size > self._limit:
                if not self._cut_off_another(share):
                    raise OverloadedError(f"requests of {self._held} bytes are under way (CAUSELINE_QUEUE_LIMIT_MIB)")
            self._held += size
            share.size += size

    @property
    def held_bytes(self) -> int:
        """Bytes that all requests hold now."""
        return self._held

    def give_back(self, share: "Share") -> None:
        """Makes room for others."""
        with self._lock:
            self._arriving.pop(share, None)
            self._free(share)

    def begin_arrival(self, share: "Share", cut_off: Callable[[], object]) -> None:
        """Notes that a request arrives from now on, and how it is cut off; called from any thread."""
        with self._lock:
            self._arriving[share] = (time.monotonic(), cut_off)

    def end_arrival(self, share: "Share") -> None:
        """Notes that a request is there: it can't be cut off any more."""
        with self._lock:
            self._arriving.pop(share, None)

    def _cut_off_another(self, share: "Share") -> bool:
        for other, (since, cut_off) in self._arriving.items():
            if time.monotonic() - since < ARRIVAL_SECONDS:
                return False
            if other is not share and other.size:
                del self._arriving[other]
                self._free(other)
                cut_off()
                return True
        return False

    def _free(self, share: "Share") -> None:
        self._held -= share.size
        share.size = 0


class Share:
    """What one request holds of a budget; used by one thread at a time.

    Attributes:
        size: bytes held; changed by the budget alone.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.size = 0

    def grow(self, size: int) -> None:
        """Holds more bytes.

        Raises:
            OverloadedError: when there is no room for them; then nothing changes.
        """
        self._budget.take(size, self)

    def give_back(self) -> None:
        """Holds nothing any more. Safe to call twice."""
        self._budget.give_back(self)

    @contextmanager
    def arriving(self, cut_off: Callable[[], object]) -> Iterator[None]:
        """Marks the time while the request arrives, in which it may be cut off for others that are there.

        Args:
            cut_off: ends the arrival soon; called from any thread, at most once. Nothing is held any more by then.
        """
        self._budget.begin_arrival(self, cut_off)
        try:
            yield
        finally:
            self._budget.end_arrival(self)
