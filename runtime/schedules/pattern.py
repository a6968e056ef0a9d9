"""Which wall-clock times a cron expression means. Pure; knows no time zone."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self

from runtime.errors import DefinitionError
from runtime.schedules.fields import DAY, FIELDS

_MACROS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
#: Days of each month, at most.
_LENGTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
#: Days after which a date has come again: the Gregorian calendar repeats itself, weekdays included, after 400 years.
_CYCLE: Final = 146_097


@dataclass(frozen=True, slots=True)
class CronPattern:
    """What a cron expression says.

    Attributes:
        minutes, hours: in order.
        is_fixed: whether it names times of a day: neither minutes nor hours begin with a star. Else it names an
            interval.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    is_fixed: bool
    _days: frozenset[int]
    _months: frozenset[int]
    _weekdays: frozenset[int]
    _needs_both: bool

    @classmethod
    def parse(cls, expression: str) -> Self:
        """Reads five fields: minute, hour, day of the month, month, day of the week; or a word such as `@daily`.

        Raises:
            DefinitionError: it can't be; names the field.
        """
        texts = _MACROS.get(expression.strip().lower(), expression).split()
        if len(texts) != len(FIELDS):
            names = ", ".join(field.name for field in FIELDS)
            raise DefinitionError(
                f"the cron expression {expression!r} has {len(texts)} fields and not five ({names}), and is none of "
                f"{', '.join(_MACROS)}"
            )
        try:
            minutes, hours, days, months, weekdays = (
                field.parse(text) for field, text in zip(FIELDS, texts, strict=True)
            )
            # As Debian's cron has it: where both name days, either is enough.
            needs_both = texts[2].startswith("*") or texts[4].startswith("*")
            if needs_both and all(min(days) > _LENGTHS[month - 1] for month in months):
                raise DefinitionError(f"the {DAY.name} field can't be {texts[2]!r}: no month of its has such a day")
        except DefinitionError as error:
            raise DefinitionError(f"the cron expression {expression!r} can't be: {error}") from None
        return cls(
            tuple(sorted(minutes)),
            tuple(sorted(hours)),
            not texts[0].startswith("*") and not texts[1].startswith("*"),
            days,
            months,
            frozenset(day % 7 for day in weekdays),
            needs_both,
        )

    def has_day(self, day: date) -> bool:
        """Whether a day is one of its days."""
        if day.month not in self._months:
            return False
        in_month, in_week = day.day in self._days, day.isoweekday() % 7 in self._weekdays
        return in_month and in_week if self._needs_both else in_month or in_week

    def day_from(self, day: date) -> date:
        """The first of its days from one on."""
        for _ in range(_CYCLE):
            if self.has_day(day):
                return day
            if day.month not in self._months:
                day = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
            else:
                day += timedelta(days=1)
        raise AssertionError("an expression that means no day is refused when it is read")
