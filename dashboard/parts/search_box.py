"""The search box at the head of a list."""

from typing import Final

import streamlit as st

from dashboard import selection

_WIDTH: Final = 260


def show(name: str, placeholder: str, cursor: str = "cursor") -> None:
    """Shows a search box that is bound to `q` of the address; another search begins at the first page.

    Args:
        name: of the list, which no other on the page has.
        placeholder: what can be looked for.
        cursor: the parameter of the address that names the page.
    """
    key = selection.bind_widget("q", f"{name}-q")
    st.text_input(
        "Search",
        key=key,
        placeholder=placeholder,
        icon=":material/search:",
        on_change=selection.follow,
        args=("q", key, cursor),
        label_visibility="collapsed",
        width=_WIDTH,
    )
