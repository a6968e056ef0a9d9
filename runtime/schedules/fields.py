"""The five fields of a cron expression, as Debian's cron reads them. Pure."""

from dataclasses import dataclass
from typing import Final

from runtime.errors import DefinitionError

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


@dataclass(frozen=True, slots=True)
class CronField:
    """A field: its name, its least and its greatest number, and words for numbers from the least on."""

    name: str
    least: int
    most: int
    words: tuple[str, ...] = ()

    def parse(self, text: str) -> frozenset[int]:
        """The numbers that a text means.

        Raises:
            DefinitionError: it means none; names the field.
        """
        return frozenset(number for part in text.split(",") for number in self._parse_part(text, part))

    def _parse_part(self, text: str, part: str) -> range:
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        if slash and not dash and span != "*":
            raise self._field_error(text, f"write {span or self.least}-{self.most}/{step or 2} for steps")
        if slash and not (step.isascii() and step.isdigit() and int(step)):
            raise self._field_error(text, "a step is a number from 1 on")
        if span == "*":
            first, last = str(self.least), str(self.most)
        start = self._parse_number(text, first)
        end = self._parse_number(text, last) if last else start
        if end < start:
            raise self._field_error(text, f"{first}-{last} ends before it begins: write two ranges")
        return range(start, end + 1, int(step) if slash else 1)

    def _parse_number(self, text: str, word: str) -> int:
        if word.lower() in self.words:
            return self.words.index(word.lower()) + self.least
        if word.isascii() and word.isdigit() and self.least <= int(word) <= self.most:
            return int(word)
        words = f" or {self.words[0].upper()} to {self.words[-1].upper()}" if self.words else ""
        raise self._field_error(text, f"{word!r} is not {self.least} to {self.most}{words}")

    def _field_error(self, text: str, why: str) -> DefinitionError:
        return DefinitionError(f"the {self.name} field can't be {text!r}: {why}")


MINUTE: Final = CronField("minute", 0, 59)
HOUR: Final = CronField("hour", 0, 23)
DAY: Final = CronField("day-of-month", 1, 31)
MONTH: Final = CronField("month", 1, 12, _MONTHS)
#: 7 is Sunday, too.
WEEKDAY: Final = CronField("day-of-week", 0, 7, _WEEKDAYS)

FIELDS: Final = (MINUTE, HOUR, DAY, MONTH, WEEKDAY)


def is_whole(value: object) -> bool:
    """Whether something that was given is a whole number; a truth value is none."""
    return isinstance(value, int) and not isinstance(value, bool)
