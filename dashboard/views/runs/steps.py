"""The steps of a run: how each stands, what it read and wrote, its scores, and what it called."""

from typing import Final

import streamlit as st

from collector.models import NodeStatus, RunStep
from dashboard import selection, wording
from dashboard.figures import critical_path, folding
from dashboard.parts import calls, folds, links, table
from dashboard.views.values import attempt_values

#: The address's parameter that says with which step the table begins.
FROM: Final = "from"
#: Columns of the table of steps, with their widths; the last ones where some step has such.
_STEP_COLUMNS: Final = {
    "step": 3.4,
    "status": 1.6,
    "attempts": 1.4,
    "took": 1.2,
    "reads": 3.2,
    "writes": 2.6,
    "score": 2.2,
}
#: Characters of the values of a step that a row shows, so that both what it was given and what it returned are seen.
_VALUES_ROOM: Final = 130
#: Of a column for facts of calls, where no other has room for them.
_FACTS_WIDTH: Final = 6.0


def show(steps: list[RunStep]) -> None:
    """Shows a table of a run's steps, each with the way to its place in the picture."""
    if not steps:
        st.info(
            "No step of it is recorded: none has begun, or this run is not sampled. What is above is what the workers' "
            "server knows.",
            icon=":material/visibility_off:",
        )
        return
    columns = _columns(steps)
    most = calls.at_once(steps)
    rows = [row for step in steps for row in _rows(step, columns, most)]
    table.show("run-step", "Steps", list(columns.values()), rows, list(columns))


def _columns(steps: list[RunStep]) -> dict[str, float]:
    """Returns the columns that hold something: no program of others tells which keys a step reads and writes."""
    holds = {
        "reads": any(step.keys_read for step in steps),
        "writes": any(step.keys_written for step in steps),
        "score": any(step.score is not None or step.scores for step in steps),
    }
    columns = {name: width for name, width in _STEP_COLUMNS.items() if holds.get(name, True)}
    has_room = any(holds.values()) or not any(step.calls for step in steps)
    return columns if has_room else {**columns, "": _FACTS_WIDTH}


def way_to_failed(steps: list[RunStep]) -> None:
    """Shows the way to the first step that failed, where it is far down."""
    places = [at for at, step in enumerate(steps) if step.status == NodeStatus.FAILED]
    if places:
        label = f"{wording.many(len(places), 'step')} failed: see the first"
        links.within(label, "first-failed", {FROM: str(places[0]) if places[0] else None}, ":material/error:")


def _rows(step: RunStep, columns: dict[str, float], most: int) -> list[table.Row]:
    """Returns the row of a step, and below it those of its error, its values, and what it called."""
    is_whole = folding.is_fold(step.node_id)
    picture = table.Link({"id": step.node_id}, selection.EVENT)
    if is_whole:
        picture = table.Link(folds.get_toggle_parameters(step.node_id))
    icon = ":material/unfold_more:" if is_whole else ":material/account_tree:"
    name = [table.Part(wording.clip(step.name, wording.NAME) or "(no name)", icon=icon)]
    told = {
        "step": name,
        "status": [table.badge(step.status)],
        "attempts": [table.Part(f"{step.attempts:,}" if step.attempts else wording.DASH)],
        "took": _make_time_cell(step),
        "reads": _keys(step.keys_read),
        "writes": _keys(step.keys_written),
        "score": _scores(step),
        "": [],
    }
    cells = [told[column] for column in columns]
    rows = [table.Row(cells, picture, chosen=selection.read("node") == step.node_id)]
    rows += [table.Row([[table.Part(step.error, table.RED)]], depth=1)] if step.error else []
    return [*rows, *_values(step), *calls.rows(step.calls, step.node_id, depth=1, most=most)]


def _make_time_cell(step: RunStep) -> table.Cell:
    """Returns how long a step worked, and how long it waited for answers."""
    took = [table.Part(table.keep_on_one_line(wording.duration(critical_path.get_worked_ms(step))))]
    if step.answer_ms:
        took.append(table.Part(f"waited {wording.duration(step.answer_ms)}", table.MUTED, breaks=True))
    return took


def _keys(keys: list[str]) -> table.Cell:
    return [table.Part(key, "badge-gray") for key in keys] or [table.Part(wording.DASH, table.MUTED)]


def _values(step: RunStep) -> list[table.Row]:
    """Returns the row with the beginning of what a step was given and returned, which leads to all of it."""
    values = [(word, value) for word, value in (("in", step.input), ("out", step.result)) if value]
    room = _VALUES_ROOM // max(len(values), 1)
    told = [
        part
        for word, value in values
        for part in (table.Part(word, "badge-gray"), table.Part(attempt_values.excerpt(value, room), table.MUTED))
    ]
    where = table.Link({"values": step.node_id, "attempt": None, "with": None})
    link = table.Part("Values", icon=":material/data_object:", link=where)
    return [table.Row([[link, *told]], depth=1)] if told else []


def _scores(step: RunStep) -> table.Cell:
    """Returns what a step was scored, each score by its name where it has several."""
    if len(step.scores) < 2:
        return [table.Part(wording.DASH if step.score is None else f"{step.score:g}")]
    return [table.Part(f"{name} {score:g}", breaks=at > 0) for at, (name, score) in enumerate(step.scores.items())]
