"""A fixed interval: when it is due next. Pure."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from runtime.errors import DefinitionError
from runtime.schedules.fields import is_whole

_DAY_MS: Final = 86_400_000
#: The longest interval, in days: a leap year.
_LONGEST: Final = 366


@dataclass(frozen=True, slots=True)
class Every:
    """Due again after so long, by UTC and by no wall clock: a day is 24 hours. It counts from 1970 on, so that
    `Every(hours=2)` is due at 0:00, 2:00 and so on, whoever asks.

    Args:
        days, hours, minutes, seconds: together the interval: whole seconds, a leap year at most.

    Raises:
        DefinitionError: the interval can't be.
    """

    days: int = 0
    hours: int = 0
    minutes: int = 0
    seconds: int = 0
    interval_ms: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts = {"days": self.days, "hours": self.hours, "minutes": self.minutes, "seconds": self.seconds}
        for name, value in parts.items():
            if not (is_whole(value) and value >= 0):
                raise DefinitionError(f"{name} of an interval can't be {value!r}: give a whole number from 0 on")
        interval_ms = int(timedelta(**parts).total_seconds()) * 1000 if sum(parts.values()) < 10**9 else 0
        if not 1000 <= interval_ms <= _LONGEST * _DAY_MS:
            said = ", ".join(f"{name}={value}" for name, value in parts.items() if value) or "nothing"
            raise DefinitionError(f"an interval of {said} can't be: give one second to {_LONGEST} days")
        object.__setattr__(self, "interval_ms", interval_ms)

    def after(self, at_ms: int) -> int:
        """When it is due next after a time; both in ms since 1970 (UTC)."""
        return (at_ms // self.interval_ms + 1) * self.interval_ms

    def __str__(self) -> str:
        units = (("d", _DAY_MS), ("h", 3_600_000), ("min", 60_000), ("s", 1000))
        left, said = self.interval_ms, []
        for unit, size in units:
            count, left = divmod(left, size)
            said += [f"{count} {unit}"] if count else []
        return f"every {' '.join(said)}"
