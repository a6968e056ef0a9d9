"""From moments to places on a line, with idle gaps shrunk to breaks. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

#: An idle gap longer than this share of what is drawn becomes a break.
BREAK_SHARE: Final = 0.2
#: Places that a break takes.
BREAK_WIDTH: Final = 46.0
#: Most breaks in one picture, so that most of it stays to scale.
MOST_BREAKS: Final = 9

Interval = tuple[float, float]
"""From and to, in milliseconds since any one moment."""


@dataclass(frozen=True)
class Segment:
    """A stretch of time drawn to scale: from `t0` to `t1` (milliseconds) at the places `x0` to `x1`."""

    t0: float
    t1: float
    x0: float
    x1: float


@dataclass(frozen=True)
class Break:
    """An idle gap of `millis` milliseconds, shrunk to the places `x0` to `x1`."""

    millis: float
    x0: float
    x1: float


@dataclass(frozen=True)
class Timescale:
    """Piecewise linear: segments with a break between each and the next."""

    segments: tuple[Segment, ...]
    breaks: tuple[Break, ...]

    def place(self, t: float) -> float:
        """Returns where a moment is; inside a break in proportion, outside all segments at the nearest end."""
        before: Segment | None = None
        for segment in self.segments:
            if t < segment.t0:
                return _between(before, segment, t)
            if t <= segment.t1:
                span = segment.t1 - segment.t0
                return segment.x0 + (segment.x1 - segment.x0) * ((t - segment.t0) / span if span else 0.5)
            before = segment
        return self.segments[-1].x1


def _between(before: Segment | None, after: Segment, t: float) -> float:
    if before is None:
        return after.x0
    return before.x1 + (after.x0 - before.x1) * (t - before.t1) / (after.t0 - before.t1)


def build(busy: Iterable[Interval], width: float) -> Timescale:
    """Builds the scale for a picture.

    Args:
        busy: when something was going on; what lies between is idle.
        width: places to fill.
    """
    islands = _merge(busy) or [(0.0, 0.0)]
    cuts = _cuts(islands)
    pieces = _pieces(islands, cuts)
    return _lay(pieces, width)


def _merge(busy: Iterable[Interval]) -> list[Interval]:
    islands: list[Interval] = []
    for start, end in sorted(busy):
        if islands and start <= islands[-1][1]:
            islands[-1] = (islands[-1][0], max(islands[-1][1], end))
        else:
            islands.append((start, end))
    return islands


def _cuts(islands: Sequence[Interval]) -> set[int]:
    """Returns which gaps to break, by the island before it. The widest first: once a day is gone, an hour may be a
    fifth."""
    gaps = sorted(((after[0] - before[1], at) for at, (before, after) in enumerate(pairwise(islands))))
    drawn = islands[-1][1] - islands[0][0]
    cuts: set[int] = set()
    while gaps and len(cuts) < MOST_BREAKS and gaps[-1][0] > drawn * BREAK_SHARE:
        gap, at = gaps.pop()
        cuts.add(at)
        drawn -= gap
    return cuts


def _pieces(islands: Sequence[Interval], cuts: set[int]) -> list[Interval]:
    pieces = [islands[0]]
    for at, island in enumerate(islands[1:]):
        if at in cuts:
            pieces.append(island)
        else:
            pieces[-1] = (pieces[-1][0], island[1])
    return pieces


def _lay(pieces: Sequence[Interval], width: float) -> Timescale:
    """Lays pieces out. Every piece has a floor, so that a lone moment beside a long stretch can still be seen and
    clicked."""
    room = max(width - BREAK_WIDTH * (len(pieces) - 1), width * 0.3)
    floor = room / len(pieces) * 0.35
    total = sum(end - start for start, end in pieces)
    spare = room - floor * len(pieces)
    segments: list[Segment] = []
    breaks: list[Break] = []
    x = 0.0
    for start, end in pieces:
        if segments:
            breaks.append(Break(start - segments[-1].t1, x, x + BREAK_WIDTH))
            x += BREAK_WIDTH
        wide = floor + spare * ((end - start) / total if total else 1 / len(pieces))
        segments.append(Segment(start, end, x, x + wide))
        x += wide
    return Timescale(tuple(segments), tuple(breaks))
