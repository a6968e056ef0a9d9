"""Distributions and trends as Plotly figures. Pure; colours come from Streamlit's theme."""

from collections.abc import Sequence
from datetime import tzinfo

import plotly.graph_objects as go

from collector.models import LatencyBin, StepPoint
from dashboard import wording

_HEIGHT = 270
#: Room above the plot for the legend, which would hide what is high.
_MARGIN = {"l": 8, "r": 8, "t": 40, "b": 8}


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
    return _dressed(figure, "attempts").update_layout(bargap=0.06)


def trend(points: Sequence[StepPoint], zone: tzinfo) -> go.Figure:
    """Returns p50 and p95 over time, in milliseconds; a bucket without attempts leaves a gap in the line."""
    times = [point.start.astimezone(zone) for point in points]
    figure = go.Figure()
    for name, values in (("p50", [point.p50_ms for point in points]), ("p95", [point.p95_ms for point in points])):
        said = [wording.duration(value) for value in values]
        figure.add_scatter(
            x=times, y=values, customdata=said, name=name, mode="lines+markers", hovertemplate="%{customdata}"
        )
    return _dressed(figure, "ms")


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
    return _dressed(figure, "")


def _dressed(figure: go.Figure, unit: str) -> go.Figure:
    figure.update_yaxes(title=unit, rangemode="tozero")
    return figure.update_layout(
        height=_HEIGHT,
        margin=_MARGIN,
        hovermode="x unified",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
