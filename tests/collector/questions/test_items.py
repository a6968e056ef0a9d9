"""Of ten thousand items a run's answer lists those that did not end well, and counts the others."""

from typing import Any

from collector.models import NodeStatus
from collector.questions import items
from collector.store.database import Row
from tests.collector.story import uid

S_NS = 1_000_000_000


def row(index: int | None, outcome: str | None = "ok", *, mark: str = "", end: float = 2, **more: Any) -> Row:
    """A step of `runs/steps.sql`."""
    place = mark if index is None else f"{mark}[{index}]"
    told = {
        "node_id": uid(f"{mark}{index}"),
        "step": "weigh",
        "step_place": place or None,
        "causes": [],
        "outcome": outcome,
        "running": outcome is None,
        "start_ns": S_NS,
        "end_ns": int(end * S_NS),
        "cut_ns": None,
        "attempts": 1,
    }
    return {**told, **more}


def indexes(rows: list[dict[str, Any]]) -> list[str | None]:
    """The places of rows."""
    return [each["step_place"] for each in rows]


def test_all_items_are_told_where_they_are_few():
    """Nothing is left out, and nothing is counted."""
    rows = [row(None), *(row(index) for index in range(5))]
    assert items.split_listed(uid("run"), rows, most=5) == (rows, [])


def test_what_failed_is_told_wherever_it_is_and_what_ended_last():
    """In the order in which it came; the fan-out names as causes what is told."""
    rows = [row(index) for index in range(100)]
    rows[70] = row(70, end=9)
    rows[80], rows[90], rows[95] = row(80, "failed"), row(90, None), row(95, "retry")
    whole = row(None, "gathered", causes=[each["node_id"] for each in rows])
    told, left_out = items.split_listed(uid("run"), [*rows, whole], most=6)
    assert indexes(told) == ["[0]", "[1]", "[70]", "[80]", "[90]", "[95]", None]
    assert told[-1]["causes"] == [each["node_id"] for each in told[:-1]]
    assert [(each.step, each.place, each.statuses, each.p50_ms) for each in left_out] == [
        ("weigh", None, {NodeStatus.OK: 94}, 1_000.0)
    ]


def test_each_round_has_items_of_its_own():
    """A loop over a fan-out."""
    rows = [row(index, mark=mark) for mark in ("", "#2") for index in range(10)]
    told, left_out = items.split_listed(uid("run"), rows, most=4)
    assert len(told) == 8
    rest = {NodeStatus.OK: 6}
    assert [(each.place, each.statuses) for each in left_out] == [(None, rest), ("#2", rest)]
