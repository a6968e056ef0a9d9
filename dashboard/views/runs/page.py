"""Runs: what happened in this run?"""

import streamlit as st

from dashboard import data, selection
from dashboard.parts import acting, timespan
from dashboard.views.runs import listing, one


def render() -> None:
    """Shows the view."""
    run_id = selection.read("run")
    if run_id:
        st.header("What happened in this run?", anchor=False)
    else:
        timespan.heading("What happened in this run?")
    with data.shown_errors():
        if run_id:
            one.show(run_id)
        else:
            listing.show()
        acting.confirm_if_asked()
