"""The way from page to page of a list; the address names the page."""

import streamlit as st

from dashboard import selection


def turn(following: str | None, first: str = "First page", on: str = "Next page", parameter: str = "cursor") -> None:
    """Shows the buttons, where the list has several pages.

    Args:
        following: the cursor of the next page, or None.
        first: what the button to the first page says.
        on: what that to the next page says.
        parameter: of the address, that holds the cursor.
    """
    cursor = selection.read(parameter)
    if not cursor and not following:
        return
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button(first, type="tertiary", key=f"{parameter}-first", disabled=not cursor, on_click=selection.write,
                  kwargs={parameter: None})  # fmt: skip
        st.button(on, type="tertiary", key=f"{parameter}-next", disabled=not following, on_click=selection.write,
                  kwargs={parameter: following})  # fmt: skip
