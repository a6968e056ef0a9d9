"""Whether it is worth trying the collector: after a failure not for a while, so that agents run at full speed."""

from typing import Final

from runtime.clock import Clock

#: Seconds that nothing is sent after a first failure; doubles with each further one.
FIRST_PAUSE: Final = 1.0

#: Most seconds that nothing is sent, unless the collector itself asked for more.
LONGEST_PAUSE: Final = 5.0

#: Most seconds of a `Retry-After` that are believed.
LONGEST_ASKED: Final = 30.0


class Pause:
    """Ends by time alone; whoever sends says afterwards how it went."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures = 0
        self._until = 0.0

    @property
    def is_over(self) -> bool:
        """Whether a request may be tried now."""
        return self._failures == 0 or self._clock.monotonic() >= self._until

    def record_success(self) -> None:
        """A request was answered."""
        self._failures = 0

    def record_failure(self, asked: float = 0.0) -> None:
        """A request was not answered, or with the wish to be tried later.

        Args:
            asked: seconds to wait that the collector asked for; 0 where it said nothing.
        """
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._failures, 10))
        self._failures += 1
        self._until = self._clock.monotonic() + max(pause, min(asked, LONGEST_ASKED))
