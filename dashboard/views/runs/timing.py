"""When the steps of a run were, and what its end waited for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import streamlit as st

from collector.models import Call, NodeStatus, RunDetail, RunStep
from dashboard import data, selection, wording
from dashboard.figures import critical_path, folding
from dashboard.parts import folds, table

_WIDTHS: Final = [3.4, 1.2, 7]

#: Less of a path's time is not told of.
_NOTHING: Final = timedelta(milliseconds=1)

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
    path = critical_path.path(detail.steps)
    _show_critical_path(path, detail.run.start, whole)
    waited_for = {step.node_id for step in path}
    rows: list[table.Row] = []
    for step in steps:
        look = table.STRONG if step.node_id in waited_for and len(path) > 1 else ""
        rows.append(_row(step.node_id, table.Part(step.name or "(no name)", look), step, begin, whole))
        rows += [
            _row(call.node_id, table.Part(call.name or "(no name)"), call, begin, whole)
            for call in step.calls[:_MOST_CALLS]
            if call.node_id != step.node_id
        ]
        if len(step.calls) > _MOST_CALLS:
            more = f"{wording.many(len(step.calls) - _MOST_CALLS, 'more call')} of {step.name}"
            rows.append(table.Row([[table.Part(more, table.MUTED)]], depth=1))
    when = f"when, of {table.keep_on_one_line(wording.duration(whole))}"
    table.show("waterfall", "Steps and calls, and when they were", _WIDTHS, rows, ("step", "took", when))


def _show_critical_path(path: Sequence[RunStep], begin: datetime, whole: timedelta) -> None:
    if len(path) < 2:
        return
    names = " \N{RIGHTWARDS ARROW} ".join(wording.name(step.name) for step in path[:8])
    more = f" and {len(path) - 8:,} more" if len(path) > 8 else ""
    spent = critical_path.measure_time_spent(path, begin)
    parts = [f"{wording.duration(spent.worked)} of work"]
    parts += [f"{wording.duration(spent.answers)} waiting for answers, or other runs"] if spent.answers else []
    parts += [f"{wording.duration(spent.queued)} queued, or between attempts"] if spent.queued >= _NOTHING else []
    st.markdown(f":small[Its end waited for **{names}**{more}: {', '.join(parts)}, in {wording.duration(whole)}.]")


def _row(node_id: str, name: table.Part, shown: RunStep | Call, begin: datetime, whole: timedelta) -> table.Row:
    after = shown.start - begin
    width = ((shown.end or begin + whole) - shown.start) / whole
    is_call = isinstance(shown, Call)
    took = shown.duration_ms if isinstance(shown, Call) else critical_path.get_worked_ms(shown)
    is_pale = is_call or (took is not None and shown.duration_ms is not None and took < shown.duration_ms / 2)
    bar = table.Bar(after / whole, width, failed=shown.status == NodeStatus.FAILED, pale=is_pale)
    cells = (
        [name],
        [table.Part(table.keep_on_one_line(wording.duration(took)))],
        [table.Part("", tip=f"{wording.duration(after)} after the begin", bar=bar)],
    )
    is_whole = folding.is_fold(node_id)
    leads = (
        table.Link(folds.get_toggle_parameters(node_id)) if is_whole else table.Link({"id": node_id}, selection.EVENT)
    )
    return table.Row(cells, leads, depth=int(is_call))
