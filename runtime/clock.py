"""Time as the runtime sees it, behind one seam that tests can turn."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, Self


class Clock(Protocol):
    """A source of time."""

    def now_ns(self) -> int:
        """Nanoseconds since 1970-01-01 UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards; only differences mean anything."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now_ns(self) -> int:
        return time.time_ns()

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was, by both times of a clock: one of them also tells of a machine that slept meanwhile."""

    wall_ns: int
    monotonic: float

    @classmethod
    def of(cls, clock: Clock) -> Self:
        """Now."""
        return cls(clock.now_ns(), clock.monotonic())

    def is_within(self, seconds: float, clock: Clock) -> bool:
        """Whether no more than so many seconds have passed since, whichever time is asked."""
        wall = (clock.now_ns() - self.wall_ns) / 1e9
        return 0 <= wall <= seconds and clock.monotonic() - self.monotonic <= seconds


def format_time(at_ms: int) -> str:
    """A time in ms since 1970 as people read it."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
