"""What is undone of a run: that it is being so, and which undos have failed."""

from typing import Final

import streamlit as st

from collector.models import RunDetail
from dashboard import palette, wording

#: Characters of an error that is quoted, and steps that are named, at most.
_ERROR_ROOM: Final = 300
_MOST_NAMES: Final = 12


def badge(detail: RunDetail) -> str:
    """Returns how a run stands, as Markdown: of one that is being undone also how it will have ended."""
    server = detail.server
    if server is None or not server.is_undoing:
        return palette.markdown_badge(detail.run.status)
    then = f", then {palette.LOOKS[server.ending].word}" if server.ending else ""
    return f":orange-badge[:material/undo: undoing{then}]"


def show(detail: RunDetail) -> None:
    """Shows which undos have failed, and of what; or that what the run had done is undone."""
    server = detail.server
    if server is None:
        return
    if server.undo_failed:
        error = (
            f" It failed of: {wording.plain(wording.gist(server.undo_error, _ERROR_ROOM))}" if server.undo_error else ""
        )
        st.error(
            f"What {_join_names(server.undo_failed)} did could not be undone, and is left to a person.{error}",
            icon=":material/undo:",
        )
    elif server.is_undone and not server.is_undoing:
        st.markdown(":small[What its steps with `undo=` had done is undone.]")


def _join_names(steps: list[str]) -> str:
    names = [f"**{wording.plain(step)}**" for step in steps[:_MOST_NAMES]]
    names += [f"{len(steps) - _MOST_NAMES:,} more"] if len(steps) > _MOST_NAMES else []
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
