"""A cron expression with its time zone: when it is due next. Pure.

Daylight saving, as Debian's cron has it: an expression that names times of a day is due once at each, right after the
gap where a clock that is put forward never shows one, and the first time only where one that is put back shows it
twice. One whose minutes or hours begin with a star names an interval, and keeps it: it is due at each minute that there
really
    is.

Written by hand: croniter reckons with the offset of its base and drifts by an hour, and cronsim goes by whole hours,
    which
misses times after a change of half an hour, and answers with the past within an hour that is shown twice.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from runtime.errors import DefinitionError
from runtime.schedules.pattern import CronPattern
from runtime.schedules.zones import find_zone, to_instant

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Cron:
    """Due when a wall clock shows what an expression says.

    Args:
        expression: five fields, as in `0 9 * * 1-5`: minute, hour, day of the month, month, day of the week (0 and 7
            are Sunday); or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.
        zone: of the clock, such as `Europe/Berlin`.

    Raises:
        DefinitionError: the expression can't be (names the field), or nobody knows the zone.
    """

    expression: str
    zone: str = "UTC"
    _pattern: CronPattern = field(init=False, repr=False, compare=False)
    _where: tzinfo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.expression, str):
            raise DefinitionError(f"a cron expression can't be {self.expression!r}: give a str, such as '0 9 * * 1-5'")
        object.__setattr__(self, "_pattern", CronPattern.parse(self.expression))
        object.__setattr__(self, "_where", find_zone(self.zone))

    def after(self, at_ms: int) -> int:
        """When it is due next after a time; both in ms since 1970 (UTC)."""
        at = datetime.fromtimestamp(at_ms // 1000, UTC)
        found = self._time_after(at) if self._pattern.is_fixed else self._minute_after(at)
        return int(found.timestamp()) * 1000

    def __str__(self) -> str:
        return f"{self.expression} ({self.zone})"

    def _time_after(self, at: datetime) -> datetime:
        """The next of the times of a day that are named. What a clock shows never comes before what it showed earlier,
        if each time counts where it is shown first: so one looks from what is shown at `at`."""
        wall = at.astimezone(self._where).replace(tzinfo=None)
        day = self._pattern.day_from(wall.date())
        while True:
            for hour in self._pattern.hours:
                for minute in self._pattern.minutes:
                    named = datetime(day.year, day.month, day.day, hour, minute)
                    if named >= wall.replace(second=0) and (shown := to_instant(named, self._where)) > at:
                        return shown
            day = self._pattern.day_from(day + timedelta(days=1))

    def _minute_after(self, at: datetime) -> datetime:
        """The next minute that there really is and that is shown as the expression says."""
        at = at.replace(second=0) + _MINUTE
        while True:
            wall = at.astimezone(self._where)
            if not self._pattern.has_day(wall.date()):
                day = self._pattern.day_from(wall.date() + timedelta(days=1))
                at = max(at + _MINUTE, self._midnight(day))
            elif wall.hour not in self._pattern.hours:
                at = self._minutes_later(at, 60 - wall.minute)
            elif wall.minute not in self._pattern.minutes:
                later = (minute for minute in self._pattern.minutes if minute > wall.minute)
                at = self._minutes_later(at, next(later, 60) - wall.minute)
            else:
                return at

    def _minutes_later(self, at: datetime, minutes: int) -> datetime:
        """So many minutes later, where the clock is not changed meanwhile; else one."""
        later = at + minutes * _MINUTE
        is_even = later.astimezone(self._where).utcoffset() == at.astimezone(self._where).utcoffset()
        return later if is_even else at + _MINUTE

    def _midnight(self, day: date) -> datetime:
        return to_instant(datetime(day.year, day.month, day.day), self._where)
