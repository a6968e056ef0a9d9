"""What happened when, as stacked bars. Pure."""

from collections.abc import Sequence
from datetime import timedelta, tzinfo
from itertools import accumulate, pairwise
from typing import Final

from collector.models import ActivityPoint
from dashboard.figures import scale
from dashboard.figures.chart import Chart, Series, Tip
from dashboard.figures.moments import clock

#: What a bar is made of, from the bottom up, and its colour; both themes bear these.
_SERIES: Final = {
    "dead letters": "var(--st-red-color)",
    "failed attempts": "var(--st-orange-color)",
    "deliveries": "color-mix(in srgb, var(--st-green-color) 72%, var(--st-background-color))",
}
#: How long a bucket is where nothing tells.
_USUAL: Final = timedelta(minutes=1)


def bars(points: Sequence[ActivityPoint], zone: tzinfo) -> Chart:
    """Returns a bar a bucket of time, in the reader's time zone.

    Args:
        points: the buckets, one after the other.
        zone: the reader's.
    """
    stacks = [list(accumulate(_counts(point), initial=0)) for point in points]
    up = scale.counts(max((stack[-1] for stack in stacks), default=0))
    if not points:
        return Chart(_label(points), scale.Scale(0, 1, ()), up, [])
    wide = min((after.start - before.start for before, after in pairwise(points)), default=_USUAL)
    across = scale.times(points[0].start, points[-1].start + wide, zone)
    ends = [(across.place(p.start.timestamp()), across.place((p.start + wide).timestamp())) for p in points]
    series = [
        Series(
            name,
            ink,
            bars=[
                (*end, up.place(stack[part]), up.place(stack[part + 1]))
                for end, stack in zip(ends, stacks, strict=True)
                if stack[part + 1] > stack[part]
            ],
        )
        for part, (name, ink) in enumerate(_SERIES.items())
    ]
    tips = [
        Tip((begin + end) / 2, clock(point.start, across, zone), _format_counts(point), end - begin)
        for (begin, end), point in zip(ends, points, strict=True)
    ]
    return Chart(_label(points), across, up, series, tips)


def _counts(point: ActivityPoint) -> tuple[int, int, int]:
    """Returns how many there were of each, in the order of `_SERIES`."""
    return point.dead_letters, point.errors, point.deliveries


def _format_counts(point: ActivityPoint) -> list[tuple[int, str]]:
    named = enumerate(zip(_SERIES, _counts(point), strict=True))
    return [(part, f"{count:,} {name}") for part, (name, count) in named if count or name == "deliveries"]


def _label(points: Sequence[ActivityPoint]) -> str:
    sums = [sum(column) for column in zip(*map(_counts, points), strict=True)] or [0] * len(_SERIES)
    return "Activity: " + ", ".join(f"{count:,} {name}" for name, count in zip(_SERIES, sums, strict=True))
