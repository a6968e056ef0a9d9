"""How soon one transaction may follow another while questions are answered: fewer and larger ones leave these more of
the processor, as most of what a transaction takes is the same for a span and for a thousand."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

#: Times as long as the last transaction took that the next one waits for more, and seconds that it does at most.
_SHARE: Final = 2.0
_LONGEST: Final = 0.25

#: Transactions during which no request came, after which none waits: who sends on only when the last request was
#: answered would be held up, and nobody else is there to share with.
_ALONE: Final = 8


class Pace:
    """Knows when the last transaction was, how long it took, and whether requests come while one is under way.

    Args:
        clock: seconds, from any beginning.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ended = self._took = 0.0
        self._has_company = False
        self._alone = _ALONE

    def note_arrival(self) -> None:
        """Notes a request."""
        self._has_company = True

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Marks the time that a transaction takes."""
        began = self._clock()
        self._has_company = False
        try:
            yield
        finally:
            self._ended = self._clock()
            self._took = self._ended - began
            self._alone = 0 if self._has_company else self._alone + 1

    def rest_seconds(self) -> float:
        """Returns for how long the next transaction should wait for more, beside questions."""
        if self._alone >= _ALONE:
            return 0.0
        return max(0.0, self._ended + min(_SHARE * self._took, _LONGEST) - self._clock())
