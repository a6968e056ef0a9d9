"""Charts: drawn at once as a figure of our own; with Plotly, whose script a browser reads for long, where a reader
wants to zoom and to read off values."""

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from dashboard import selection
from dashboard.figures.chart import Chart
from dashboard.parts import components

#: Parameter of the address that says how charts are drawn.
_ZOOM: Final = "zoom"
_HELP: Final = (
    "Draws the charts with Plotly: drag to zoom, double-click to go back. A browser takes a moment to load it."
)


def draw(key: str, chart: Chart) -> None:
    """Draws a chart.

    Args:
        key: unlike that of any other figure of the page.
        chart: what to draw.
    """
    components.mount("chart", f"chart-{key}", chart.as_data(), height=chart.height)


def way_to_zoom(key: str) -> None:
    """Shows what has all charts of the page drawn so that a reader may zoom; the address keeps it.

    Args:
        key: the widget's, unlike any other.
    """
    st.session_state[key] = _is_zoomed()
    st.toggle("Zoom into charts", key=key, help=_HELP, on_change=selection.follow, args=(_ZOOM, key))


def show(key: str, chart: Chart, zoomed: Callable[[], Any]) -> None:
    """Draws a chart as the reader wants it.

    Args:
        key: unlike that of any other figure of the page.
        chart: what to draw.
        zoomed: returns the same as a figure of Plotly, which is asked only where a reader zooms.
    """
    if _is_zoomed():
        st.plotly_chart(zoomed(), key=key, height=chart.height, config={"displayModeBar": False})
    else:
        draw(key, chart)


def _is_zoomed() -> bool:
    return bool(selection.read(_ZOOM))
