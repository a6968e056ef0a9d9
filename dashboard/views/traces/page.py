"""Traces: what did a program do, whoever wrote it?"""

import streamlit as st

from dashboard import data, selection
from dashboard.parts import timespan
from dashboard.views.traces import listing, one

_TITLE = "What did each request do, span by span?"


def render() -> None:
    """Shows the view."""
    trace_id = selection.read("trace")
    if trace_id:
        st.header(_TITLE, anchor=False)
    else:
        timespan.heading(_TITLE)
    with data.show_errors():
        if trace_id:
            one.show(trace_id)
        else:
            listing.show()
