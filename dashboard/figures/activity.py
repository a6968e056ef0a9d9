"""What happened when, as stacked bars. Vega draws it, for Plotly's script would double the Overview's weight. Pure."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final

import altair as alt
import pandas as pd

from collector.models import ActivityPoint

#: What a bar is made of, from the bottom up, and its colour; both themes bear these.
_SERIES: Final = {"dead letters": "#d92d3a", "failed attempts": "#e8890c", "deliveries": "#5fb894"}
#: Times along the axis at most; more would nearly touch.
_MOST_NAMED: Final = 10


def bars(points: Sequence[ActivityPoint], zone: tzinfo) -> alt.Chart:
    """Returns a bar a bucket of time, labelled in the reader's time zone."""
    times = [f"{point.start.astimezone(zone):%H:%M}" for point in points]
    rows = [
        {"time": time, "what": what, "count": count, "order": order}
        for time, point in zip(times, points, strict=True)
        for order, (what, count) in enumerate(_counts(point).items())
    ]
    what = alt.Color(
        "what:N",
        scale=alt.Scale(domain=list(_SERIES), range=list(_SERIES.values())),
        legend=alt.Legend(title=None, orient="top"),
    )
    named = times[:: -(-len(times) // _MOST_NAMED) or 1]
    axis = alt.Axis(values=named, labelAngle=0, labelOverlap="greedy", ticks=False)
    chart: alt.Chart = (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar(cornerRadius=1)
        .encode(
            x=alt.X("time:O", sort=None, title=None, axis=axis),
            y=alt.Y("count:Q", title=None, axis=alt.Axis(tickCount=4, format="d")),
            color=what,
            order="order:Q",
            tooltip=["time", "what", "count"],
        )
        .properties(height=200)
    )
    return chart


def _counts(point: ActivityPoint) -> dict[str, int]:
    return {"dead letters": point.dead_letters, "failed attempts": point.errors, "deliveries": point.deliveries}
