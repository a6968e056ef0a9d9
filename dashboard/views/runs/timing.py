"""When the steps of a run were, and what its end waited for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import streamlit as st

from collector.models import Call, NodeStatus, RunDetail, RunStep
from dashboard import data, selection, wording
from dashboard.figures import critical
from dashboard.parts import links, timebar

_WIDTHS: Final = [3.4, 1.2, 7]

#: Calls of a step that are drawn below it.
_MOST_CALLS: Final = 12


def show(detail: RunDetail, steps: Sequence[RunStep]) -> None:
    """Shows a bar for each step, and below it one for each of its calls.

    Args:
        detail: the run.
        steps: those to show, of all that it has.
    """
    begin = min([detail.run.start, *(step.start for step in detail.steps)])
    end = max([detail.run.end or data.now(), *(step.end or step.start for step in detail.steps)])
    whole = max(end - begin, timedelta(microseconds=1))
    path = critical.path(detail.steps)
    _told(path, whole)
    waited_for = {step.node_id for step in path}
    with st.container(border=True, gap=None):
        for cell, title in zip(st.columns(_WIDTHS), ("step", "took", "when"), strict=True):
            cell.caption(title)
        for step in steps:
            mark = "**" if step.node_id in waited_for and len(path) > 1 else ""
            _row(step.node_id, f"{mark}{wording.name(step.step)}{mark}", step, begin, whole)
            for call in step.calls[:_MOST_CALLS]:
                if call.node_id != step.node_id:
                    _row(call.node_id, f"{wording.NO_BREAK * 4}{wording.name(call.name)}", call, begin, whole)
            if len(step.calls) > _MOST_CALLS:
                st.caption(f"{wording.many(len(step.calls) - _MOST_CALLS, 'more call')} of {wording.name(step.step)}")


def _told(path: Sequence[RunStep], whole: timedelta) -> None:
    if len(path) < 2:
        return
    names = " \N{RIGHTWARDS ARROW} ".join(wording.name(step.step) for step in path[:8])
    more = f" and {len(path) - 8:,} more" if len(path) > 8 else ""
    took = f"{wording.duration(critical.worked(path))} of work in {wording.duration(whole)}"
    st.markdown(f":small[Its end waited for **{names}**{more}: {took}.]")


def _row(node_id: str, label: str, shown: RunStep | Call, begin: datetime, whole: timedelta) -> None:
    name, took, when = st.columns(_WIDTHS, vertical_alignment="center")
    with name:
        links.to(label, selection.EVENT, {"id": node_id})
    took.markdown(f":small[{wording.duration(shown.duration_ms)}]")
    with when:
        after = shown.start - begin
        width = ((shown.end or begin + whole) - shown.start) / whole
        timebar.show(
            after / whole, width, f"{wording.duration(after)} after the begin",
            failed=shown.status == NodeStatus.FAILED, pale=isinstance(shown, Call),
        )  # fmt: skip
