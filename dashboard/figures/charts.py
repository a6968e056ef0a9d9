"""Distributions and trends as Plotly figures, for readers who want to zoom; `step_charts.py` draws the same at once.
Pure; colours come from Streamlit's theme."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from html import escape
from itertools import groupby
from typing import Any, Final

import plotly.graph_objects as go

from collector.models import AccuracyBand, AccuracyMeasure, LatencyBin, NodeKind, StepPoint
from dashboard import wording
from dashboard.figures import step_charts

_HEIGHT = 270
#: Room above the plot for the legend, which would hide what is high.
_MARGIN = {"l": 8, "r": 8, "t": 40, "b": 8}

#: Of an axis of time: so few marks that none has to be turned to have room.
_FEW_TIMES: Final[dict[str, Any]] = {"nticks": 4, "tickangle": 0}
#: What an axis of time shows at least, for marks to the millisecond have no room beside each other.
_LEAST: Final = timedelta(minutes=1)

#: Sizes that are written below a chart at most.
_MARKS: Final = 12


def histogram(bins: Sequence[LatencyBin]) -> go.Figure:
    """Returns how long attempts took: a bar a bin, as wide as the bin in reading order."""
    labels = [f"{wording.duration(each.low_ms)} to {wording.duration(each.high_ms)}" for each in bins]
    figure = go.Figure(
        go.Bar(
            x=list(range(len(bins))),
            y=[each.count for each in bins],
            customdata=labels,
            hovertemplate="%{customdata}: %{y} attempts<extra></extra>",
        )
    )
    every = max(1, len(bins) // 6)
    marks = list(range(0, len(bins), every))
    figure.update_xaxes(tickvals=marks, ticktext=[wording.duration(bins[at].low_ms) for at in marks])
    return _apply_layout(figure, "attempts").update_layout(bargap=0.06)


def trend(points: Sequence[StepPoint], zone: tzinfo) -> go.Figure:
    """Returns p50 and p95 over time, in milliseconds; a bucket without attempts leaves a gap in the line."""
    times = [point.start.astimezone(zone) for point in points]
    figure = go.Figure()
    for name, values in (("p50", [point.p50_ms for point in points]), ("p95", [point.p95_ms for point in points])):
        said = [wording.duration(value) for value in values]
        figure.add_scatter(
            x=times, y=values, customdata=said, name=name, mode="lines+markers", hovertemplate="%{customdata}"
        )
    return _apply_layout(figure, "ms").update_xaxes(**_of_time(times))


def shares(points: Sequence[StepPoint], zone: tzinfo) -> go.Figure:
    """Returns the shares of attempts that failed, and of scored nodes that were right, over time."""
    times = [point.start.astimezone(zone) for point in points]
    figure = go.Figure()
    failed = [point.errors / point.attempts if point.attempts else None for point in points]
    figure.add_scatter(
        x=times, y=failed, name="failed", showlegend=True, mode="lines+markers", hovertemplate="%{y:.1%}"
    )
    if any(point.accuracy is not None for point in points):
        right = [point.accuracy for point in points]
        figure.add_scatter(x=times, y=right, name="right", mode="lines+markers", hovertemplate="%{y:.1%}")
    figure.update_yaxes(tickformat=".0%", range=[-0.02, 1.05])
    return _apply_layout(figure, "").update_xaxes(**_of_time(times))


def _of_time(times: Sequence[datetime]) -> dict[str, Any]:
    """Returns how an axis of time looks."""
    if not times or max(times) - min(times) >= _LEAST:
        return _FEW_TIMES
    middle = min(times) + (max(times) - min(times)) / 2
    return {**_FEW_TIMES, "range": [middle - _LEAST / 2, middle + _LEAST / 2]}


def accuracy(bands: Sequence[AccuracyBand], measure: AccuracyMeasure) -> go.Figure:
    """Returns shares of right answers with their intervals, by one measure: a line for each chain and kind.

    Args:
        bands: of that measure, each chain's together.
        measure: by what; sizes double from mark to mark.
    """
    figure = go.Figure()
    for (workflow, kind), found in groupby(bands, key=lambda band: (band.workflow, band.kind)):
        line = list(found)
        shares = [band.accuracy.value or 0.0 for band in line]
        figure.add_scatter(
            x=[max(band.first, 1) for band in line],
            y=shares,
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [(band.accuracy.high or 0.0) - share for band, share in zip(line, shares, strict=True)],
                "arrayminus": [share - (band.accuracy.low or 0.0) for band, share in zip(line, shares, strict=True)],
                "thickness": 1,
            },
            customdata=[step_charts.describe_accuracy(band, measure) for band in line],
            name=escape(step_charts.get_chain_label(workflow, kind)),
            showlegend=True,
            mode="lines+markers",
            line={"dash": "dash" if kind == NodeKind.DELIVERY else "solid"},
            hovertemplate="%{customdata}",
        )
    if measure is AccuracyMeasure.DEPTH:
        figure.update_xaxes(title="calls down the chain", dtick=1 if _deepest(bands) <= 20 else None)
    else:
        title = "bytes of context" if measure is AccuracyMeasure.CONTEXT else "input tokens"
        sizes = sorted({max(band.first, 1) for band in bands})
        marks = sizes[:: 1 + len(sizes) // _MARKS]
        figure.update_xaxes(title=f"{title}, and up to twice that", type="log", tickvals=marks)
        figure.update_xaxes(ticktext=[f"{mark:,}" for mark in marks])
    lowest = min((band.accuracy.low for band in bands if band.accuracy.low is not None), default=0.0)
    figure.update_yaxes(tickformat=".0%", range=[max(0.0, lowest - 0.05), 1.03])
    return _apply_layout(figure, "right")


def _deepest(bands: Sequence[AccuracyBand]) -> int:
    return max((band.last for band in bands), default=0)


def _apply_layout(figure: go.Figure, unit: str) -> go.Figure:
    figure.update_yaxes(title=unit, rangemode="tozero")
    return figure.update_layout(
        height=_HEIGHT,
        margin=_MARGIN,
        hovermode="x unified",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
