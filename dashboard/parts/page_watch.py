"""Looks from time to time whether a page still says what is so, and draws it again only where it does not: what stays
costs nobody anything, and nothing moves under a reader for nothing."""

from collections.abc import Callable

import streamlit as st

from dashboard import data
from dashboard.parts import confirmation


@st.fragment(run_every=data.LOOK_EVERY)
def watch(look: Callable[[], str], drawn: str) -> None:
    """Draws the page again when it has changed, and never while somebody confirms what is to be done.

    Args:
        look: returns in short how it is now; asked for again and again.
        drawn: the same of what the page shows.
    """
    if confirmation.is_confirmation_open():
        return
    with data.show_errors():
        if look() != drawn:
            st.rerun()
