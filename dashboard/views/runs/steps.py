"""The steps of a run: how each stands, what it read and wrote, its scores, and what it called."""

from typing import Final

import streamlit as st

from collector.models import NodeStatus, RunStep
from dashboard import palette, selection, wording
from dashboard.parts import calls, links, rows
from dashboard.views.values import shown

#: The address's parameter that says with which step the table begins.
FROM: Final = "from"
#: Columns of the table of steps, with their widths; the last ones where some step has such.
_STEP_COLUMNS: Final = {
    "step": 2.6,
    "status": 1.9,
    "attempts": 1.4,
    "took": 1.5,
    "reads": 3.2,
    "writes": 3.2,
    "score": 1.4,
}


def show(steps: list[RunStep]) -> None:
    """Shows a table of them, each with the way to its place in the picture."""
    if not steps:
        st.info(
            "No step of it is recorded: none has begun, or this run is not sampled. What is above is what the workers' "
            "server knows.",
            icon=":material/visibility_off:",
        )
        return
    shown_columns = _columns(steps)
    with rows.of("run-step"):
        for cell, title in zip(st.columns(list(shown_columns.values())), shown_columns, strict=True):
            cell.caption(title)
        for step in steps:
            _step(step, shown_columns)


def _columns(steps: list[RunStep]) -> dict[str, float]:
    """Returns the columns that hold something: no program of others tells which keys a step reads and writes."""
    holds = {
        "reads": any(step.keys_read for step in steps),
        "writes": any(step.keys_written for step in steps),
        "score": any(step.score is not None or step.scores for step in steps),
    }
    return {name: width for name, width in _STEP_COLUMNS.items() if holds.get(name, True)}


def way_to_failed(steps: list[RunStep]) -> None:
    """Shows the way to the first step that failed, where it is far down."""
    places = [at for at, step in enumerate(steps) if step.status == NodeStatus.FAILED]
    if places:
        label = f"{wording.many(len(places), 'step')} failed: see the first"
        links.within(label, "first-failed", {FROM: str(places[0]) if places[0] else None}, ":material/error:")


def _step(step: RunStep, shown_columns: dict[str, float]) -> None:
    cells = dict(zip(shown_columns, st.columns(list(shown_columns.values()), vertical_alignment="center"), strict=True))
    with cells["step"]:
        chosen = selection.read("node") == step.node_id
        name = f"**:primary[{wording.name(step.step)}]**" if chosen else wording.name(step.step)
        links.to(name, selection.EVENT, {"id": step.node_id}, ":material/account_tree:")
    told = {
        "status": palette.markdown_badge(step.status),
        "attempts": f"{step.attempts:,}",
        "took": wording.duration(step.duration_ms),
        "reads": _keys(step.keys_read),
        "writes": _keys(step.keys_written),
        "score": _scores(step),
    }
    for name, text in told.items():
        if name in cells:
            cells[name].markdown(text)
    if step.error:
        st.markdown(f":red[:small[{wording.plain(step.error)}]]")
    _values(step)
    if step.calls:
        with st.container(key=f"called-{step.node_id}", gap="xsmall"):
            calls.show(step.calls, f"calls-{step.node_id}")


def _keys(keys: list[str]) -> str:
    return " ".join(f":gray-badge[{wording.plain(key)}]" for key in keys) or wording.DASH


def _values(step: RunStep) -> None:
    """Shows the beginning of what a step was given and returned, and the way to all of it."""
    told = [
        f":gray-badge[{word}] {text}"
        for word, text in (("in", shown.excerpt(step.input)), ("out", shown.excerpt(step.result)))
        if text
    ]
    if not told:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":small[{' &nbsp; '.join(told)}]", width="stretch")
        where = {"values": step.node_id, "attempt": None, "with": None}
        links.within("Values", f"values-{step.node_id}", where, ":material/data_object:")


def _scores(step: RunStep) -> str:
    """Returns what a step was scored, each score by its name where it has several."""
    if len(step.scores) < 2:
        return wording.DASH if step.score is None else f"{step.score:g}"
    return "  \n".join(f":small[{wording.plain(name)} {score:g}]" for name, score in step.scores.items())
