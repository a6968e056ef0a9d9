"""Links from view to view, each with a selection: in the same tab, so that the session and Back survive."""

from collections.abc import Mapping
from typing import Final

import streamlit as st
from streamlit.navigation.page import Page

from dashboard import period, selection

_KEY: Final = "causeline-pages"


def know(pages: Mapping[str, Page]) -> None:
    """Remembers the router's pages by path; the views can't import the router that imports them."""
    st.session_state[_KEY] = dict(pages)


def to(label: str, view: str, parameters: Mapping[str, str | None] | None = None, icon: str | None = None) -> None:
    """Shows a link; the time range that the reader looks at goes with it.

    Args:
        label: what it says; Markdown, so text from data must have been made plain.
        view: path of the view; an unknown one leads to the Overview.
        parameters: the selection; None or empty ones are left out.
        icon: a Material icon.
    """
    pages: dict[str, Page] = st.session_state[_KEY]
    page = pages.get(view) or next(iter(pages.values()))
    # Dead letters wait however old they are: a range counts there only where it was chosen there.
    carried = {} if view == selection.DEAD_LETTERS else period.current().parameters
    wanted = {**carried, **(parameters or {})}
    st.page_link(page, label=label, icon=icon, query_params={name: value for name, value in wanted.items() if value})


def within(label: str, key: str, parameters: Mapping[str, str | None], icon: str | None = None) -> None:
    """Shows a link that changes the selection of the view that it is on; one of `to` would look like the open page.

    Args:
        label: what it says; Markdown, so text from data must have been made plain.
        key: the button's, unlike any other.
        parameters: what changes in the URL; None takes a parameter out.
        icon: a Material icon.
    """
    st.button(label, key=key, type="tertiary", icon=icon, on_click=selection.write, kwargs=dict(parameters))
