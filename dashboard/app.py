"""The router: which view answers which address."""

import streamlit as st

from dashboard import selection
from dashboard.views import dead_letters, event, overview, runs, steps

st.set_page_config(page_title="Causeline", page_icon=":material/account_tree:", layout="wide")

st.navigation(
    [
        st.Page(
            overview.render, title="Overview", icon=":material/monitoring:", url_path=selection.OVERVIEW, default=True
        ),
        st.Page(event.render, title="Event", icon=":material/account_tree:", url_path=selection.EVENT),
        st.Page(
            dead_letters.render, title="Dead letters", icon=":material/mail:", url_path=selection.DEAD_LETTERS
        ),
        st.Page(steps.render, title="Steps", icon=":material/speed:", url_path=selection.STEPS),
        st.Page(runs.render, title="Runs", icon=":material/route:", url_path=selection.RUNS),
    ],
    position="top",
).run()
