"""Links from view to view, each with a selection: in the same tab, so that the session and Back survive."""

from collections.abc import Mapping
from typing import Final

import streamlit as st
from streamlit.navigation.page import Page

from dashboard import period, selection

_KEY: Final = "causeline-pages"
_NEXT: Final = "causeline-next"


def register_pages(pages: Mapping[str, Page]) -> None:
    """Remembers the router's pages by path; the views can't import the router that imports them. Goes on to where `go`
    was told to."""
    st.session_state[_KEY] = dict(pages)
    if chosen := st.session_state.pop(_NEXT, None):
        view, parameters = chosen
        st.switch_page(_page(view), query_params=parameters)


def go(view: str, parameters: Mapping[str, str | None]) -> None:
    """Leads to another view, as `to` would; for callbacks, in which Streamlit turns no page itself."""
    st.session_state[_NEXT] = (view, get_address_parameters(view, parameters))


def get_address_parameters(view: str, parameters: Mapping[str, str | None]) -> dict[str, str]:
    """Returns what stands in the address of another view: a selection, and the time range that the reader looks at."""
    # Dead letters wait however old they are: a range counts there only where it was chosen there.
    period_of = {} if view == selection.DEAD_LETTERS else period.current().parameters
    return {name: value for name, value in {**period_of, **parameters}.items() if value}


def to(label: str, view: str, parameters: Mapping[str, str | None] | None = None, icon: str | None = None) -> None:
    """Shows a link; the time range that the reader looks at goes with it.

    Args:
        label: what it says; Markdown, so text from data must have been made plain.
        view: path of the view; an unknown one leads to the Overview.
        parameters: the selection; None or empty ones are left out.
        icon: a Material icon.
    """
    st.page_link(_page(view), label=label, icon=icon, query_params=get_address_parameters(view, parameters or {}))


def icon(view: str) -> str:
    """Returns the Material icon of a view."""
    return _page(view).icon


def within(label: str, key: str, parameters: Mapping[str, str | None], icon: str | None = None) -> None:
    """Shows a link that changes the selection of the view that it is on; one of `to` would look like the open page.

    Args:
        label: what it says; Markdown, so text from data must have been made plain.
        key: the button's, unlike any other.
        parameters: what changes in the URL; None takes a parameter out.
        icon: a Material icon.
    """
    st.button(label, key=key, type="tertiary", icon=icon, on_click=selection.write, kwargs=dict(parameters))


def _page(view: str) -> Page:
    pages: dict[str, Page] = st.session_state[_KEY]
    return pages.get(view) or next(iter(pages.values()))
