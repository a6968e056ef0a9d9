"""Which of a run's steps are shown: all of them, or where they are many a stretch that the address names."""

from typing import Final

import streamlit as st

from collector.models import NodeStatus, RunStep
from dashboard import selection, wording

#: Steps that are shown at once.
MOST: Final = 100

#: The address's parameter that says which step is the first.
_FROM: Final = "from"


def choose(steps: list[RunStep]) -> list[RunStep]:
    """Returns the steps that are shown, and says which they are where that is not all; buttons lead to the others."""
    if len(steps) <= MOST:
        return steps
    first = _first(len(steps))
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(f"Steps {first + 1:,} to {min(first + MOST, len(steps)):,} of {len(steps):,}")
        with st.container(horizontal=True, horizontal_alignment="right"):
            _to("First steps", "first", 0, disabled=first == 0)
            _to("Earlier", "earlier", max(first - MOST, 0), disabled=first == 0)
            _to("Later", "later", first + MOST, disabled=first + MOST >= len(steps))
            _failed(steps, first)
    return steps[first : first + MOST]


def _first(count: int) -> int:
    """Returns the place of the first step that is shown; 0 where the address names none that there is."""
    wanted = selection.read(_FROM)
    return int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 9 and int(wanted) < count else 0


def _failed(steps: list[RunStep], first: int) -> None:
    """Shows the way to the next step that failed, from the end on to the first one."""
    places = [at for at, step in enumerate(steps) if step.status == NodeStatus.FAILED]
    if places:
        ahead = next((at for at in places if at >= first + MOST), places[0])
        _to(f"{wording.many(len(places), 'failed step')}: next", "failed", ahead)


def _to(label: str, key: str, first: int, *, disabled: bool = False) -> None:
    st.button(
        label,
        type="tertiary",
        key=f"steps-{key}",
        disabled=disabled,
        on_click=selection.write,
        kwargs={_FROM: str(first) if first else None},
    )
