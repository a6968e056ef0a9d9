"""What somebody's code says of its failure: as a notice, and whole where that would fill the page."""

import streamlit as st

from dashboard import wording
from dashboard.parts import code


def show(message: str) -> None:
    """Shows an error's message; one that is long is clipped, and can be opened."""
    st.error(wording.plain(message, wording.MESSAGE), icon=":material/error:")
    if len(message) > wording.MESSAGE:
        with st.expander(f"Show all ({len(message):,} characters)", icon=":material/unfold_more:"):
            code.block(message, None)
