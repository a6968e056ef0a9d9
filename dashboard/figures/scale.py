"""From values to places along an axis, and the few marks that make it readable. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Final

from dashboard import wording

#: Intervals between the marks of an axis, about.
_INTERVALS: Final = 4
#: Marks along an axis of sizes at most.
_MOST_SIZES: Final = 12
#: Depths up to which each has a mark.
_EACH_DEPTH: Final = 20
#: What an axis of time shows at least: marks to the millisecond have no room beside each other.
_LEAST: Final = timedelta(minutes=1)

_MINUTE_MS: Final = 60_000
_DAY_MS: Final = 86_400_000
#: What an axis of lengths of time shows where there is none, in milliseconds.
_USUAL_MS: Final = 4.0
#: Steps from mark to mark of lengths of time, in milliseconds: those that read as whole numbers of their unit.
_LENGTHS: Final = (
    *(digit * 10.0**power for power in range(-3, 1) for digit in (1, 2, 5)),
    *(digit * 10.0**power for power in range(3) for digit in (10, 20, 25, 50)),
    *(10_000 * times for times in (1, 2, 3)),
    *(60_000 * times for times in (1, 2, 5, 10, 15, 30)),
    *(3_600_000 * times for times in (1, 2, 3, 6, 12)),
    *(_DAY_MS * digit * 10**power for power in range(6) for digit in (1, 2, 5)),
)
#: Steps from mark to mark of moments, in milliseconds.
_MOMENTS: Final = (
    *(timedelta(seconds=times) for times in (10, 15, 30)),
    *(timedelta(minutes=times) for times in (1, 2, 5, 10, 15, 30)),
    *(timedelta(hours=times) for times in (1, 2, 3, 6, 12)),
    *(timedelta(days=digit * 10**power) for power in range(4) for digit in (1, 2, 5)),
)
_COUNTS: Final = (1, 2, 5, *(digit * 10**power for power in range(15) for digit in (10, 20, 25, 50)))
_SHARES: Final = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25)


@dataclass(frozen=True, slots=True)
class AxisMark:
    """A place along an axis that says what is there.

    Attributes:
        at: the value.
        text: what is written there.
    """

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis.

    Attributes:
        low: the value at its begin.
        high: the value at its end.
        marks: within it, from low to high.
        title: what it measures, where the marks don't tell.
        inset: share of the axis that is left free at both ends, so that no point lies on the edge.
        is_log: whether a step along it multiplies; `low` is above 0 then.
    """

    low: float
    high: float
    marks: Sequence[AxisMark]
    title: str = ""
    inset: float = 0.0
    is_log: bool = False

    def place(self, value: float) -> float:
        """Returns where a value is, from 0 at the begin to 1 at the end."""
        low, high, at = (
            (math.log(each) for each in (self.low, self.high, value)) if self.is_log else (self.low, self.high, value)
        )
        share = min(max((at - low) / (high - low), 0.0), 1.0) if high > low else 0.5
        return round(self.inset + share * (1 - 2 * self.inset), 5)


def counts(highest: float) -> Scale:
    """Returns the axis of how many of something there are, from none on."""
    step = _step(highest, _COUNTS)
    top = max(math.ceil(highest / step), 1) * step
    return Scale(0, top, [AxisMark(at, _count(at, top)) for at in _multiples(step, 0, top)])


def lengths(highest: float) -> Scale:
    """Returns the axis of how long something took, in milliseconds, from nothing on."""
    highest = highest or _USUAL_MS
    step = _step(highest, _LENGTHS)
    top = max(math.ceil(highest / step), 1) * step
    return Scale(0, top, [AxisMark(at, _length(at)) for at in _multiples(step, 0, top)])


def shares(lowest: float = 0.0) -> Scale:
    """Returns the axis of shares, from the mark below the lowest of them up to all."""
    step = _step(1 - max(lowest, 0.0), _SHARES)
    low = max(math.floor(max(lowest, 0.0) / step), 0) * step
    return Scale(low, 1.0, [AxisMark(at, wording.share(round(at, 6))) for at in _multiples(step, low, 1.0)])


def depths(deepest: int) -> Scale:
    """Returns the axis of how many calls down a chain something is, from the first on."""
    step = 1 if deepest <= _EACH_DEPTH else int(_step(deepest, _COUNTS))
    marks = [1, *range(step, deepest + 1, step)] if step > 1 else range(1, deepest + 1)
    return Scale(1, deepest, [AxisMark(at, f"{at:,}") for at in marks], "calls down the chain", inset=0.04)


def sizes(found: Iterable[int], title: str) -> Scale:
    """Returns the axis of sizes, which double from mark to mark.

    Args:
        found: those that there are, each at least 1.
        title: what has the size.
    """
    known = sorted(set(found)) or [1]
    marks = known[:: 1 + len(known) // _MOST_SIZES]
    return Scale(known[0], known[-1], [AxisMark(at, f"{at:,}") for at in marks], title, inset=0.04, is_log=True)


def times(first: datetime, last: datetime, zone: tzinfo, inset: float = 0.0) -> Scale:
    """Returns the axis of moments, as seconds since 1970; marks stand where the reader's clock is even.

    Args:
        first: at its begin.
        last: at its end; of what is shorter than a minute that minute is shown which has it in its middle.
        zone: the reader's.
        inset: as of `Scale`.
    """
    lacks = max(_LEAST - (last - first), timedelta()) / 2
    first, last = (first - lacks).astimezone(zone), (last + lacks).astimezone(zone)
    raw = (last - first) / _INTERVALS
    step = next((each for each in _MOMENTS if each >= raw), _MOMENTS[-1])
    # By the clock on the wall, which summer time turns back and forth: marks at whole hours stay at whole hours.
    begin, end = first.replace(tzinfo=None), last.replace(tzinfo=None)
    midnight = datetime.combine(begin, time.min)
    at = midnight + (begin - midnight) // step * step
    marks: list[AxisMark] = []
    day = None
    while at <= end:
        moment = at.replace(tzinfo=zone).timestamp()
        if first.timestamp() <= moment <= last.timestamp():
            is_next = step < timedelta(days=1) and day is not None and at.date() != day
            marks.append(AxisMark(moment, _moment(at, step, is_day=is_next)))
            day = at.date()
        at += step
    return Scale(first.timestamp(), last.timestamp(), marks, inset=inset)


def _step(highest: float, candidates: Sequence[float]) -> float:
    return next((each for each in candidates if each >= highest / _INTERVALS), candidates[-1])


def _multiples(step: float, low: float, high: float) -> list[float]:
    first, last = round(low / step), math.floor(high / step + 1e-9)
    return [round(number * step, 9) for number in range(first, last + 1)]


def _count(number: float, highest: float) -> str:
    if highest >= 10_000:
        for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
            if number >= size:
                return f"{number / size:g} {unit}"
    return f"{number:,.0f}"


def _length(millis: float) -> str:
    """Returns a length of time at a mark, where `wording.duration` would round a half away."""
    if 0 < millis < 1:
        return f"{millis:g} ms"
    if _MINUTE_MS <= millis < _MINUTE_MS * 60:
        return f"{millis / _MINUTE_MS:g} min"
    return wording.duration(millis) if millis else "0"


def _moment(at: datetime, step: timedelta, *, is_day: bool) -> str:
    if is_day or step >= timedelta(days=1):
        return f"{at.day} {at:%b}"
    return f"{at:%H:%M}" if step >= timedelta(minutes=1) else f"{at:%H:%M:%S}"
