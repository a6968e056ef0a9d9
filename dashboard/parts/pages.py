"""The way from page to page of a list; the address names the page."""

from typing import Final

import streamlit as st

from dashboard import data, selection
from dashboard.parts import choice

#: How many rows a page may have, by what the address says.
_SIZES: Final = {"": str(data.PAGE), "50": "50", "100": "100 rows"}
_SIZE: Final = "rows"


def size() -> int:
    """Returns how many rows a page has."""
    return int(_SIZES[choice.of(_SIZES, _SIZE)].split()[0])


def show_pager(
    following: str | None,
    first: str = "First page",
    on: str = "Next page",
    parameter: str = "cursor",
    *,
    sized: bool = False,
) -> None:
    """Shows the buttons that lead to the first and to the next page of a list, where it has several.

    Args:
        following: the cursor of the next page, or None.
        first: what the button to the first page says.
        on: what that to the next page says.
        parameter: of the address, that holds the cursor.
        sized: whether the list asks `size` how many rows a page has.
    """
    cursor = selection.read(parameter)
    if not cursor and not following and not (sized and selection.read(_SIZE)):
        return
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        if sized:
            choice.show("Rows of a page", "page-size", _SIZES, choice.of(_SIZES, _SIZE), _SIZE, parameter)
        for words, name, place, is_there in ((first, "first", None, cursor), (on, "next", following, following)):
            st.button(
                words,
                type="tertiary",
                key=f"{parameter}-{name}",
                disabled=not is_there,
                on_click=selection.write,
                kwargs={parameter: place},
            )
