"""Runs: what happened in this run?"""

import streamlit as st

from dashboard import data, selection
from dashboard.parts import confirmation, timespan
from dashboard.views.runs import budget, call, listing, one


def render() -> None:
    """Shows the view."""
    run_id, call_id, budget_id = selection.read("run"), selection.read("call"), selection.read("budget")
    if call_id:
        st.header("What was said in this call?", anchor=False)
    elif budget_id and not run_id:
        st.header("What may this still spend?", anchor=False)
    elif run_id:
        st.header("What happened in this run?", anchor=False)
    else:
        timespan.heading("What happened in this run?")
    with data.show_errors():
        if call_id:
            call.show(call_id)
        elif run_id:
            one.show(run_id)
        elif budget_id:
            budget.show(budget_id)
        else:
            listing.show()
        confirmation.confirm_if_asked()
