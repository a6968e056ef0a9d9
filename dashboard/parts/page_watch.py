"""Looks from time to time whether a page still says what is so, and draws it again only where it does not: what stays
costs nobody anything, and nothing moves under a reader for nothing."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from dashboard import data
from dashboard.parts import confirmation
from dashboard.parts.look_pace import LookPace

#: Where the pace of the page is kept, with what the page is about.
_PACE: Final = "look-pace"


@st.fragment(run_every=data.LOOK_EVERY)
def watch(look: Callable[[], str], drawn: str) -> None:
    """Draws the page again when it has changed, and never while somebody confirms what is to be done.

    Args:
        look: returns in short how it is now; asked for again and again, less often where that takes long.
        drawn: the same of what the page shows.
    """
    if confirmation.is_confirmation_open():
        return
    pace = _get_pace(look.__module__)
    if pace.is_resting:
        return
    with data.show_errors():
        if pace.look(look) != drawn:
            st.rerun()


def _get_pace(view: str) -> LookPace:
    """Returns the pace of the page as it is chosen: another page, or a shorter time, begins with one of its own."""
    chosen = {**st.query_params.to_dict(), "": view}
    kept: tuple[dict[str, str], LookPace] | None = st.session_state.get(_PACE)
    if kept is None or kept[0] != chosen:
        kept = st.session_state[_PACE] = (chosen, LookPace())
    return kept[1]
