"""How a step's attempts took, failed and were right, and how right answers are along a chain, as charts. Pure."""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from itertools import groupby
from typing import Final

from collector.models import AccuracyBand, AccuracyMeasure, LatencyBin, NodeKind, StepPoint
from dashboard import wording
from dashboard.figures import scale
from dashboard.figures.chart import Chart, Point, Series, Tip
from dashboard.figures.moments import clock
from dashboard.figures.scale import AxisMark, Scale

#: What a band's kind is called; what reacted to events is dashed, as its arrows are in the picture of an event.
COORDINATION: Final = {NodeKind.STEP: "orchestrated", NodeKind.DELIVERY: "choreographed"}

_BLUE, _VIOLET, _RED, _GREEN = (f"var(--st-{hue}-color)" for hue in ("blue", "violet", "red", "green"))
#: Of chains, in turn.
_INKS: Final = (_BLUE, "var(--st-orange-color)", _GREEN, _VIOLET, _RED, "var(--st-gray-color)")
#: Marks below the bars of a histogram, about.
_BIN_MARKS: Final = 6
#: Bins that have room beside each other: one alone fills no plot.
_LEAST_BINS: Final = 8
#: Share of an axis of time that is left free at its ends.
_INSET: Final = 0.02
#: Characters of a name in a legend.
_LEGEND_ROOM: Final = 40

_TITLES: Final = {
    AccuracyMeasure.CONTEXT: "bytes of context, and up to twice that",
    AccuracyMeasure.TOKENS: "input tokens, and up to twice that",
}


def histogram(bins: Sequence[LatencyBin]) -> Chart:
    """Returns how long attempts took: a bar a bin, all as wide as each other, in reading order."""
    up = scale.counts(max((each.count for each in bins), default=0))
    every = max(1, len(bins) // _BIN_MARKS)
    marks = [AxisMark(at, wording.duration(bins[at].low_ms)) for at in range(0, len(bins), every)]
    marks += [AxisMark(len(bins), wording.duration(bins[-1].high_ms))] if len(bins) > 1 else []
    across = Scale(0, max(len(bins), _LEAST_BINS), marks)
    bars = [
        (across.place(at), across.place(at + 1), 0.0, up.place(each.count))
        for at, each in enumerate(bins)
        if each.count
    ]
    tips = [
        Tip(across.place(at + 0.5), _bounds(each), [(0, wording.many(each.count, "attempt"))], across.place(1))
        for at, each in enumerate(bins)
    ]
    return Chart(_describe_bins(bins), across, up, [Series("", _BLUE, bars=bars)], tips)


def trend(points: Sequence[StepPoint], zone: tzinfo) -> Chart:
    """Returns p50 and p95 over time; a bucket without attempts leaves a gap in the line."""
    known = [value for point in points for value in (point.p50_ms, point.p95_ms) if value is not None]
    lines = [("p50", _BLUE, [point.p50_ms for point in points]), ("p95", _VIOLET, [point.p95_ms for point in points])]
    return _over_time("Latency", points, zone, scale.lengths(max(known, default=0.0)), lines, wording.duration)


def shares(points: Sequence[StepPoint], zone: tzinfo) -> Chart:
    """Returns the shares of attempts that failed, and of scored nodes that were right, over time."""
    lines: list[_Line] = [
        ("failed", _RED, [point.errors / point.attempts if point.attempts else None for point in points])
    ]
    if any(point.accuracy is not None for point in points):
        lines.append(("right", _GREEN, [point.accuracy for point in points]))
    return _over_time("Shares", points, zone, scale.shares(), lines, wording.share)


def accuracy(bands: Sequence[AccuracyBand], measure: AccuracyMeasure) -> Chart:
    """Returns shares of right answers with their intervals, by one measure: a line for each chain and kind.

    Args:
        bands: of that measure, each chain's together.
        measure: by what; sizes double from mark to mark.
    """
    across = _across(bands, measure)
    up = scale.shares(min((band.accuracy.low for band in bands if band.accuracy.low is not None), default=0.0) - 0.02)
    series: list[Series] = []
    said: dict[int, list[tuple[int, str]]] = {}
    spoken: list[str] = []
    for (workflow, kind), found in groupby(bands, key=lambda band: (band.workflow, band.kind)):
        line = list(found)
        name = get_chain_label(workflow, kind)
        for band in line:
            said.setdefault(_first(band), []).append((len(series), f"{name}: {describe_accuracy(band, measure)}"))
        series.append(_chain(name, line, across, up, _INKS[len(series) % len(_INKS)]))
        ends = dict.fromkeys(
            f"{wording.share(band.accuracy.value)} at {_first(band):,}" for band in (line[0], line[-1])
        )
        spoken.append(f"{name}: {', '.join(ends)}")
    unit = "Depth" if measure is AccuracyMeasure.DEPTH else "From"
    tips = [Tip(across.place(at), f"{unit} {at:,}", lines) for at, lines in sorted(said.items())]
    words = "; ".join(spoken) or "nothing was judged"
    return Chart(f"Share of right answers by {across.title}: {words}", across, up, series, tips)


def _chain(name: str, line: Sequence[AccuracyBand], across: Scale, up: Scale, ink: str) -> Series:
    """Returns the line of one chain and kind, with its intervals."""
    places = [across.place(_first(band)) for band in line]
    told_of = [(band.accuracy.low or 0.0, band.accuracy.value or 0.0, band.accuracy.high or 0.0) for band in line]
    return Series(
        name,
        ink,
        pieces=[[(place, up.place(value)) for place, (_, value, _) in zip(places, told_of, strict=True)]],
        spreads=[(place, up.place(low), up.place(high)) for place, (low, _, high) in zip(places, told_of, strict=True)],
        is_dashed=line[0].kind == NodeKind.DELIVERY,
    )


def get_chain_label(workflow: str, kind: NodeKind) -> str:
    """Returns what a chain's line is called in a legend, as text."""
    return f"{wording.clip(workflow, _LEGEND_ROOM) or '(no name)'}, {COORDINATION.get(kind, kind.value)}"


def describe_accuracy(band: AccuracyBand, measure: AccuracyMeasure) -> str:
    """Returns a share of right answers with its interval, and of how many, as text."""
    low, high = wording.share(band.accuracy.low), wording.share(band.accuracy.high)
    size = "" if measure is AccuracyMeasure.DEPTH else f"{band.first:,} to {band.last:,}: "
    return f"{size}{wording.share(band.accuracy.value)} ({low} to {high}), n {band.accuracy.n:,}"


_Line = tuple[str, str, Sequence[float | None]]


def _over_time(
    label: str,
    points: Sequence[StepPoint],
    zone: tzinfo,
    up: Scale,
    lines: Sequence[_Line],
    words: Callable[[float], str],
) -> Chart:
    """Returns lines over time.

    Args:
        label: what they show.
        points: the buckets of time.
        zone: the reader's.
        up: the axis of values.
        lines: each by its name and colour, with a value a bucket; None where there is none.
        words: says a value.
    """
    if not points:
        return Chart(f"{label} over time: nothing in this time", Scale(0, 1, ()), up, [])
    starts = [point.start for point in points]
    across = scale.times(min(starts), max(starts), zone, _INSET)
    places = [across.place(start.timestamp()) for start in starts]
    series = [
        Series(name, ink, _pieces([_point(at, value, up) for at, value in zip(places, values, strict=True)]))
        for name, ink, values in lines
    ]
    tips = []
    for at, (place, start) in enumerate(zip(places, starts, strict=True)):
        says = [
            (which, f"{name} {words(value)}")
            for which, (name, _, values) in enumerate(lines)
            if (value := values[at]) is not None
        ]
        if says:
            tips.append(Tip(place, clock(start, across, zone), says))
    known = [(name, [value for value in values if value is not None]) for name, _, values in lines]
    spoken = [
        f"{name} from {words(min(values))} to {words(max(values))}, last {words(values[-1])}"
        for name, values in known
        if values
    ]
    return Chart(f"{label} over time: {'; '.join(spoken) or 'nothing in this time'}", across, up, series, tips)


def _point(place: float, value: float | None, up: Scale) -> Point | None:
    return None if value is None else (place, up.place(value))


def _pieces(points: Sequence[Point | None]) -> list[list[Point]]:
    """Returns the points that follow each other without a gap."""
    return [
        [point for point in found if point is not None]
        for is_known, found in groupby(points, key=lambda point: point is not None)
        if is_known
    ]


def _across(bands: Sequence[AccuracyBand], measure: AccuracyMeasure) -> Scale:
    if measure is AccuracyMeasure.DEPTH:
        return scale.depths(max((band.last for band in bands), default=1))
    return scale.sizes((_first(band) for band in bands), _TITLES[measure])


def _first(band: AccuracyBand) -> int:
    return max(band.first, 1)


def _bounds(each: LatencyBin) -> str:
    return f"{wording.duration(each.low_ms)} to {wording.duration(each.high_ms)}"


def _describe_bins(bins: Sequence[LatencyBin]) -> str:
    found = [each for each in bins if each.count]
    if not found:
        return "How long attempts take: nothing in this time"
    most = max(found, key=lambda each: each.count)
    return (
        f"How long attempts take: {wording.many(sum(each.count for each in found), 'attempt')} from "
        f"{wording.duration(found[0].low_ms)} to {wording.duration(found[-1].high_ms)}, most often {_bounds(most)}"
    )
