"""The window in figures: what each is, how it went, and what it was in the time before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from collector.models import Overview, TrendFigures, Trends
from dashboard import data, selection, wording
from dashboard.figures import change
from dashboard.figures.change import Change
from dashboard.parts import links, table, tiles, timespan, usage
from dashboard.views.overview import backlog

#: Pixels that a tile needs at least; a window too narrow for four in a row gets more rows.
_WIDTH: Final = 215
_COLUMNS: Final = 4

_Figure = Callable[[TrendFigures], float | None]


@dataclass(frozen=True)
class _Tile:
    """One figure.

    Attributes:
        name: what it is.
        value: the figure, in words.
        label: what its link says.
        view: where that leads, or an anchor of this page.
        parameters: what is chosen there.
        trend: the figure of one bucket of time; None where nothing tells how it went.
        said: the same of the time before, in words.
        is_trouble: whether more of it is worse.
    """

    name: str
    value: str
    label: str
    view: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    trend: _Figure | None = None
    said: Callable[[float], str] = "{:,.0f}".format
    is_trouble: bool = False


def show(answer: Overview, trends: Trends | None) -> None:
    """Shows the figures of a window.

    Args:
        answer: what they are.
        trends: how they went; None where nobody tells.
    """
    timespan.show_window(answer.window, _describe_comparison(trends))
    shown = [*_work(answer), *_times(trends), *_bus(answer), *_models(answer)]
    tiles.show("overview", _COLUMNS, _WIDTH, [_make_tile(tile, trends) for tile in shown])


def _describe_comparison(trends: Trends | None) -> str:
    """Returns what the figures are compared with, in words."""
    if trends is None or trends.before is None or trends.before_window is None:
        return ""
    return f"Compared with the time before: {timespan.span(trends.before_window.start, trends.before_window.end)}"


def _work(answer: Overview) -> list[_Tile]:
    """Returns the figures of runs and attempts, everybody's."""
    totals = answer.totals
    runs, lost = totals.runs + totals.runs_of_others, totals.runs_failed + totals.failed_of_others
    tiles = [
        _Tile("Runs", f"{runs:,}", "All runs", selection.RUNS, trend=lambda of: of.runs),
        _Tile(
            "Runs that failed",
            f"{lost:,}",
            "Failed runs",
            selection.RUNS,
            {"status": "failed"},
            trend=lambda of: of.runs_failed,
            is_trouble=True,
        ),
    ]
    if totals.attempts:
        tiles.append(
            _Tile(
                "Attempts that failed",
                wording.share(totals.errors / totals.attempts),
                "By step",
                selection.STEPS,
                trend=_error_rate,
                said=wording.share,
                is_trouble=True,
            )
        )
    return tiles


def _times(trends: Trends | None) -> list[_Tile]:
    """Returns how long attempts took, or runs of others; nothing where none has ended."""
    if trends is None:
        return []
    if trends.latest.p95_ms is not None:
        p95 = wording.duration(trends.latest.p95_ms)
        return [
            _Tile(
                "p95 of an attempt",
                p95,
                "Slow steps",
                selection.STEPS,
                trend=lambda of: of.p95_ms,
                said=wording.duration,
                is_trouble=True,
            )
        ]
    if trends.latest.runs_p95_ms is not None:
        p95 = wording.duration(trends.latest.runs_p95_ms)
        return [
            _Tile(
                "p95 of a run",
                p95,
                "How long each took",
                selection.RUNS,
                trend=lambda of: of.runs_p95_ms,
                said=wording.duration,
                is_trouble=True,
            )
        ]
    return []


def _bus(answer: Overview) -> list[_Tile]:
    """Returns the figures of events; none where only agents of others are seen."""
    totals, waiting = answer.totals, answer.totals.oldest_unprocessed_seconds
    if not (totals.events or totals.deliveries or answer.channels or totals.dead_now):
        return []
    oldest = "none" if waiting is None else wording.duration(waiting * 1000)
    dead = wording.DASH if totals.dead_now is None else f"{totals.dead_now:,}"
    return [
        _Tile("Events", f"{totals.events:,}", "Newest events", selection.EVENT, trend=lambda of: of.events),
        _Tile(
            "Dead letters now",
            dead,
            "Read them",
            selection.DEAD_LETTERS,
            trend=lambda of: of.dead_letters,
            is_trouble=True,
        ),
        _Tile("Oldest unprocessed", oldest, "What waits", f"#{backlog.ANCHOR}"),
    ]


def _models(answer: Overview) -> list[_Tile]:
    """Returns what calls of models cost; none where there were none."""
    if answer.usage is None:
        return []
    cost = usage.cost(answer.usage)
    calls = wording.many(answer.usage.calls, "call")
    if cost:
        return [
            _Tile(
                "Cost of models",
                cost,
                calls,
                selection.STEPS,
                {"by": "model"},
                trend=lambda of: of.cost_usd,
                said=usage.money,
                is_trouble=True,
            )
        ]
    return [
        _Tile(
            "Calls of models",
            f"{answer.usage.calls:,}",
            "Cost not known",
            selection.STEPS,
            {"by": "model"},
            trend=lambda of: of.calls,
        )
    ]


def _make_tile(tile: _Tile, trends: Trends | None) -> tiles.Tile:
    here = tile.view.startswith("#")
    way = tiles.TileLink(
        tile.label,
        tile.view if here else table.Link(tile.parameters, tile.view),
        ":material/arrow_downward:" if here else links.icon(tile.view),
    )
    course = None if trends is None else _course(tile, trends)
    return tiles.Tile(tile.name, tile.value, _compute_change(tile, trends), course, way=way)


def _compute_change(tile: _Tile, trends: Trends | None) -> Change:
    if trends is None or trends.before is None or tile.trend is None:
        return Change()
    before = tile.trend(trends.before)
    said = "" if before is None else tile.said(before)
    return change.of(tile.trend(trends.latest), before, said, is_trouble=tile.is_trouble)


def _course(tile: _Tile, trends: Trends) -> tiles.Course | None:
    """Returns how a figure went; None where there was none of it."""
    if tile.trend is None:
        return None
    points = [tile.trend(point) or 0.0 for point in trends.points]
    if not any(points):
        return None
    zone = data.zone()
    tips = [
        f"{point.start.astimezone(zone):%H:%M}: {tile.said(value)}"
        for point, value in zip(trends.points, points, strict=True)
    ]
    return tiles.Course(f"{tile.name}, in {len(points)} parts of the time", points, tips, tile.is_trouble)


def _error_rate(of: TrendFigures) -> float | None:
    return of.errors / of.attempts if of.attempts else None
