"""Runs that wait for an answer, as the Overview shows them: the longest first, each with the way to answer it."""

from typing import Final

import streamlit as st

from collector.models import WaitingRun, WaitList
from dashboard import data, selection, wording
from dashboard.parts import table

_WIDTHS: Final = [4.0, 3.6, 2.4, 1.6]
_TITLES: Final = ("", "for", "since", "")
#: Waits that are shown.
_MOST: Final = 8


def show(found: WaitList | None) -> None:
    """Shows the runs that wait for an answer; nothing where none waits, or where nobody knows."""
    if found is None or not found.items:
        return
    st.subheader("Waiting for an answer", anchor=False)
    rows = [_row(wait) for wait in found.items[:_MOST]]
    table.show("waiting-run", "Runs that wait for an answer", _WIDTHS, rows, _TITLES)
    if len(found.items) > _MOST:
        more = "at least " if found.truncated else ""
        st.caption(f"And {more}{len(found.items) - _MOST:,} more, which have waited less long.")


def _row(wait: WaitingRun) -> table.Row:
    subject = wait.subject or wording.short_id(wait.run_id)
    since = table.Part(wording.ago(wait.since, data.now()), "time", tip=wording.exact(wait.since, data.zone()))
    cells = (
        [table.make_name_part(subject, table.STRONG), table.Part(wait.workflow, table.MUTED)],
        [table.Part(wording.clip(describe_wait(wait), wording.NAME), icon=":material/person_raised_hand:")],
        [since],
        [table.Part("Answer", icon=":material/reply:")],
    )
    return table.Row(cells, table.Link({"run": wait.run_id}, selection.RUNS))


def describe_wait(wait: WaitingRun) -> str:
    """Returns what is waited for, as a reader tells it from others."""
    return f"{wait.name} ({wait.key})" if wait.key else wait.name
