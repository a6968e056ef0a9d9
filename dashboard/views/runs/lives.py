"""The lives of a run: one where it was never resumed, and what each failed of."""

from typing import Final

import streamlit as st

from collector.models import RunLife
from dashboard import palette, wording

#: Characters of an error that a life quotes at most.
_ERROR_ROOM: Final = 160


def show(lives: list[RunLife]) -> None:
    """Shows what the run failed of, and each of its lives where it has several."""
    if len(lives) < 2:
        for life in lives:
            if failure := _failure(life):
                st.markdown(f":red[:small[{failure}]]")
        return
    st.markdown("**Its lives**, the latest of which says how it stands")
    for life in lives:
        took = "still going on" if life.end is None else f"took {wording.between(life.start, life.end)}"
        said = " · ".join(part for part in (took, _failure(life)) if part)
        st.markdown(f"**{life.life}** &nbsp;{palette.markdown_badge(life.status)} &nbsp;:small[{said}]")


def _failure(life: RunLife) -> str:
    """Returns what a life failed of, as Markdown; empty where it did not."""
    parts = [f"failed at **{wording.plain(life.failed_step)}**"] if life.failed_step else []
    parts += [wording.plain(wording.gist(life.error, _ERROR_ROOM))] if life.error else []
    return ": ".join(parts)
