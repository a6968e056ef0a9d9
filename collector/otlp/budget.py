"""How many bytes of requests may be held at once, from the first byte read until the answer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from collector.errors import OverloadedError


class Budget:
    """Bytes that all requests share, as sent and as unpacked.

    The memory they take is a multiple: their Arrow tables, and what DuckDB makes of them.

    Args:
        limit: most bytes held at once. A request that is alone gets in whatever its size, or it never would.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._lock = threading.Lock()

    @contextmanager
    def share(self) -> Iterator["Share"]:
        """Opens one request's share; what it holds is given back when the block ends."""
        share = Share(self)
        try:
            yield share
        finally:
            share.give_back()

    def take(self, size: int, held: int) -> None:
        """Takes more bytes for a request that holds some already.

        Raises:
            OverloadedError: when all requests would hold more than the limit, and this one is not alone.
        """
        with self._lock:
            if self._held > held and self._held + size > self._limit:
                raise OverloadedError(f"requests of {self._held} bytes are under way (CAUSELINE_QUEUE_LIMIT_MIB)")
            self._held += size

    @property
    def held(self) -> int:
        """Bytes that all requests hold now."""
        return self._held

    def give_back(self, size: int) -> None:
        """Makes room for others."""
        with self._lock:
            self._held -= size


class Share:
    """What one request holds of a budget; used by one thread at a time."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._size = 0

    def grow(self, size: int) -> None:
        """Holds more bytes.

        Raises:
            OverloadedError: when there is no room for them; then nothing changes.
        """
        self._budget.take(size, self._size)
        self._size += size

    def give_back(self) -> None:
        """Holds nothing any more. Safe to call twice."""
        self._budget.give_back(self._size)
        self._size = 0
