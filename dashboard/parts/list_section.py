"""What is shown of a list that came whole and is too long for a page: a stretch of it, which the address names."""

from collections.abc import Sequence
from typing import TypeVar

import streamlit as st

from dashboard import selection

Item = TypeVar("Item")


def of(items: Sequence[Item], most: int, noun: str, parameter: str) -> Sequence[Item]:
    """Returns what is shown, and says which it is where that is not all; buttons lead to the rest.

    Args:
        items: all there are.
        most: how many are shown at once.
        noun: what they are, as a caption begins: `Steps`.
        parameter: of the address, that says how many come before the first one.
    """
    if len(items) <= most:
        return items
    first = _first(len(items), parameter)
    last = min(first + most, len(items))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{noun} {first + 1:,} to {last:,} of {len(items):,}", width="content")
        _to("First", parameter, 0, disabled=first == 0)
        _to("Earlier", parameter, max(first - most, 0), disabled=first == 0)
        _to("Later", parameter, last, disabled=last == len(items))
    return items[first:last]


def _first(count: int, parameter: str) -> int:
    """Returns how many entries come before the first that is shown; none where the address says what can't be."""
    wanted = selection.read(parameter)
    return int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 9 and int(wanted) < count else 0


def _to(label: str, parameter: str, first: int, *, disabled: bool) -> None:
    st.button(
        label,
        type="tertiary",
        key=f"{parameter}-{label}",
        disabled=disabled,
        on_click=selection.write,
        kwargs={parameter: str(first) if first else None},
    )
