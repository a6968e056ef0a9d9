"""A chart as `chart.js` draws it: places as shares of the plot, words, and colours of the theme. Pure.

Of our own, for Plotly's script takes a browser longer than all else on the page; `charts.py` draws the same with
Plotly, where a reader wants to zoom.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from dashboard.figures.scale import Scale

#: Pixels that a chart is high, with its legend.
HEIGHT: Final = 270
#: What a line of a legend takes of them.
_LEGEND_LINE: Final = 20
#: Lines of a legend that have room within that.
_LEGEND_LINES: Final = 2
#: How points of one series are told from those of another by those who see no colours.
_SHAPES: Final = ("circle", "square", "diamond", "triangle")

#: A point: the places along and up, each from 0 to 1.
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Series:
    """What has one name and one colour in a chart.

    Attributes:
        name: for the legend; empty for none.
        ink: its colour, as CSS.
        pieces: lines from point to point; between two of them nothing is known.
        spreads: intervals: along, and from how far up to how far up.
        bars: from and to along, from and to up.
        is_dashed: whether its lines are.
    """

    name: str
    ink: str
    pieces: Sequence[Sequence[Point]] = ()
    spreads: Sequence[tuple[float, float, float]] = ()
    bars: Sequence[tuple[float, float, float, float]] = ()
    is_dashed: bool = False

    def as_data(self, place: int) -> dict[str, Any]:
        """Returns the series as plain JSON; `place` is its number among those of the chart."""
        return {
            "name": self.name,
            "ink": self.ink,
            "shape": _SHAPES[place % len(_SHAPES)],
            "pieces": [[list(point) for point in piece] for piece in self.pieces],
            "spreads": [list(spread) for spread in self.spreads],
            "bars": [list(bar) for bar in self.bars],
            "dashed": self.is_dashed,
        }


@dataclass(frozen=True, slots=True)
class Tip:
    """What is said where a reader points.

    Attributes:
        at: where along, from 0 to 1.
        head: what is there.
        says: the value of each series that has one, by its place in the chart.
        width: of what it is about, as a share of the plot; 0 for a moment.
    """

    at: float
    head: str
    says: Sequence[tuple[int, str]]
    width: float = 0.0

    def as_data(self) -> dict[str, Any]:
        """Returns the tip as plain JSON."""
        return {"at": self.at, "head": self.head, "says": [list(each) for each in self.says], "width": self.width}


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart.

    Attributes:
        label: what it shows, in words, for those who can't see it.
        across: the axis below.
        up: the axis beside.
        series: drawn one over the other.
        tips: from left to right.
    """

    label: str
    across: Scale
    up: Scale
    series: Sequence[Series]
    tips: Sequence[Tip] = field(default_factory=tuple)

    @property
    def height(self) -> int:
        """Pixels that it takes: more only where many names stand above the plot."""
        names = sum(bool(series.name) for series in self.series)
        return HEIGHT + _LEGEND_LINE * max(names - _LEGEND_LINES, 0)

    def as_data(self) -> dict[str, Any]:
        """Returns the chart as plain JSON."""
        return {
            "label": self.label,
            "height": self.height,
            "across": _axis(self.across),
            "up": _axis(self.up),
            "series": [series.as_data(place) for place, series in enumerate(self.series)],
            "tips": [tip.as_data() for tip in self.tips],
        }


def _axis(scale: Scale) -> dict[str, Any]:
    return {"title": scale.title, "marks": [[scale.place(mark.at), mark.text] for mark in scale.marks]}
