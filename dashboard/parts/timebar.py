"""A bar that shows when something was within a whole: numbers alone go into the page."""

from typing import Final

import streamlit as st

#: Of what failed; readable on light and on dark.
_RED: Final = "#d64545"


def show(offset: float, width: float, hint: str, *, failed: bool, pale: bool = False) -> None:
    """Draws it.

    Args:
        offset: where it begins, as a share of the whole from 0 to 1.
        width: how long it took, as a share of the whole.
        hint: what hovering says; of our own words and numbers.
        failed: whether what it shows failed.
        pale: whether it is a detail of what stands above it.
    """
    left = min(max(offset, 0.0), 0.99) * 100
    room = min(max(width * 100, 0.8), 100 - left)
    light, dark = (st.get_option(f"theme.{scheme}.primaryColor") for scheme in ("light", "dark"))
    hue = _RED if failed else f"light-dark({light}, {dark})"
    st.html(
        f'<div style="height:0.7rem;background:rgba(128,128,128,.15);border-radius:3px" title="{hint}">'
        f'<div style="margin-left:{left:.3f}%;width:{room:.3f}%;height:100%;background:{hue};border-radius:3px;'
        f'opacity:{0.55 if pale else 1}"></div></div>'
    )
