"""How soon one transaction may follow another while questions are answered: fewer and larger ones leave these more of
the processor, as most of what a transaction takes is the same for a span and for a thousand."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

#: Times as long as the last transaction took that the next one waits for more, and seconds that it does at most.
_SHARE: Final = 2.0
_LONGEST: Final = 0.25

#: Transactions of which the one with most requests tells how many may come together.
_LOOKED_BACK: Final = 8


class TransactionPace:
    """Knows when the last transaction was, how long it took, and how many requests come together.

    Args:
        clock: seconds, from any beginning.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ended = self._took = 0.0
        self._requests: deque[int] = deque([1], _LOOKED_BACK)

    @contextmanager
    def measure(self, requests: int) -> Iterator[None]:
        """Marks the time that a transaction of so many requests takes."""
        self._requests.append(requests)
        began = self._clock()
        try:
            yield
        finally:
            self._ended = self._clock()
            self._took = self._ended - began

    def is_recent_maximum(self, requests: int) -> bool:
        """Returns whether so many requests are as many as came together of late: who has sent them sends no more before
        they are answered, and is held up by whoever waits longer."""
        return requests >= max(self._requests)

    def rest_seconds(self) -> float:
        """Returns for how long the next transaction should wait for more, beside questions."""
        return max(0.0, self._ended + min(_SHARE * self._took, _LONGEST) - self._clock())
