"""Channels that have refused events: how long they are left alone, and how often that is said."""

from dataclasses import dataclass
from typing import Final

from runtime.clock import Clock

#: Seconds until a full channel is asked again: after its first refusal, and at most.
FIRST_WAIT: Final = 0.5
LONGEST_WAIT: Final = 10.0
#: Seconds between two warnings of one channel.
WARN_EVERY: Final = 60.0


@dataclass(slots=True)
class _Refusal:
    wait: float
    until: float
    warned: float


class FullChannels:
    """What one relay has learnt about full channels. Args: `clock`, for waits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refusals: dict[str, _Refusal] = {}

    def is_left_alone(self, channel: str) -> bool:
        """Whether it has refused an event a moment ago."""
        found = self._refusals.get(channel)
        return found is not None and self._clock.monotonic() < found.until

    def note_refusal(self, channel: str) -> bool:
        """Notes a refusal; each in a row makes the wait twice as long. Whether it is time to warn of it."""
        now = self._clock.monotonic()
        found = self._refusals.get(channel)
        if found is None:
            self._refusals[channel] = _Refusal(FIRST_WAIT, now + FIRST_WAIT, now)
            return True
        found.wait = min(LONGEST_WAIT, found.wait * 2) if found.wait else FIRST_WAIT
        found.until = now + found.wait
        if now - found.warned < WARN_EVERY:
            return False
        found.warned = now
        return True

    def note_acceptance(self, channel: str) -> None:
        """Notes that it took an event: its next refusal is the first in a row. Warnings stay as rare."""
        if found := self._refusals.get(channel):
            found.wait = found.until = 0.0

    @property
    def next_try(self) -> float:
        """When the first of those that are left alone may be asked again, by the clock's `monotonic`."""
        now = self._clock.monotonic()
        return min((one.until for one in self._refusals.values() if one.until > now), default=now)
