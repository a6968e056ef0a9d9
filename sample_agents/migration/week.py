"""The payments of one seeded week. Pure."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

from sample_agents.migration.forms import Payment
from sample_agents.world import CUSTOMERS, share

DAYS: Final = 7
HOURS: Final = 24

_COUNTRIES: Final = ("DE", "FR", "IT", "PL", "SE", "US")

#: Share of a day's payments that come in the hours before each of these: few at night, most at noon and after work.
_RHYTHM: Final = ((6, 0.05), (9, 0.15), (14, 0.5), (17, 0.65), (21, 0.95), (24, 1.0))


@dataclass(frozen=True)
class Week:
    """The payments of a week, numbered from 1 in their order."""

    seed: int
    size: int

    @property
    def numbers(self) -> range:
        """The payments' numbers."""
        return range(1, self.size + 1)

    @cached_property
    def days(self) -> tuple[tuple[int, ...], ...]:
        """The numbers of each day's payments: as many each day, one more or less."""
        ends = [round(self.size * day / DAYS) for day in range(DAYS + 1)]
        return tuple(tuple(range(before + 1, end + 1)) for before, end in pairwise(ends))

    def payment(self, number: int) -> Payment:
        """One payment. Of two that follow each other one ends with a half euro or more, and one does not."""
        day = next(at for at, numbers in enumerate(self.days) if number in numbers)
        euros = 5 + int(share(self.seed, number, "euros") ** 3 * 900)
        rest = 50 * (number % 2) + int(share(self.seed, number, "rest") * 50)
        return Payment(
            customer=_of(CUSTOMERS, share(self.seed, number, "customer")),
            cents=euros * 100 + rest,
            country=_of(_COUNTRIES, share(self.seed, number, "country") ** 2),
            hour=day * HOURS + _hour(self.days[day].index(number) / len(self.days[day])),
        )


def _of(words: tuple[str, ...], drawn: float) -> str:
    return words[int(drawn * len(words))]


def _hour(share_of_day: float) -> int:
    """The hour by which so large a share of a day's payments has come."""
    before, come = 0, 0.0
    for hour, until in _RHYTHM:
        if share_of_day <= until:
            return min(HOURS - 1, before + int((hour - before) * (share_of_day - come) / (until - come)))
        before, come = hour, until
    return HOURS - 1
