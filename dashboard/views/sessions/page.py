"""Sessions: what was talked about, over many runs?"""

import streamlit as st

from dashboard import data, selection
from dashboard.parts import timespan
from dashboard.views.sessions import listing, one


def render() -> None:
    """Shows the view."""
    session = selection.read("session")
    if session:
        st.header("What was said in this session?", anchor=False)
    else:
        timespan.heading("Who talked with the agents?")
    with data.show_errors():
        if session:
            one.show(session)
        else:
            listing.show()
