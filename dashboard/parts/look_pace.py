"""How often an open page looks whether it has changed: less often, the longer a look takes."""

from collections.abc import Callable
from time import monotonic
from typing import Final

#: Times as long as a look takes that none is made after it, so that an open tab keeps a twentieth of a core busy, also
#: where a page is worked out from millions of spans and something comes in all the time.
REST: Final = 19.0

#: Seconds that a page rests at most: one look that took very long must not leave it as it is for minutes.
LONGEST: Final = 60.0


class LookPace:
    """When a page may look again.

    Args:
        clock: returns seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._rests_until = 0.0

    @property
    def is_resting(self) -> bool:
        """Whether it is too early to look again."""
        return self._clock() < self._rests_until

    def look(self, look: Callable[[], str]) -> str:
        """Looks, and rests after it in proportion, `LONGEST` at most; also where the look fails.

        Args:
            look: returns in short how the page is now.
        """
        begun = self._clock()
        try:
            return look()
        finally:
            ended = self._clock()
            # An answer that is still remembered takes no time, and does not end a rest.
            self._rests_until = max(self._rests_until, ended + min(REST * (ended - begun), LONGEST))
