"""Event: why did this happen, and what did it cause?"""

import streamlit as st

from dashboard import components, data, selection
from dashboard.figures import spacetime


def render() -> None:
    """The view."""
    st.header("Why did this happen, and what did it cause?")
    focus = selection.read("id")
    with data.shown_errors():
        graph = data.causality(focus, "both")
        selected = selection.read("node") or focus
        scene = spacetime.lay_out(graph, keep=[focus, selected])
        components.mount("spacetime", "spacetime", {"scene": scene.as_data(), "selected": selected, "focus": focus})
        st.write(selected)
