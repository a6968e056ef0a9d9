"""The critical path of a run."""

from datetime import UTC, datetime, timedelta

from collector.models import NodeStatus, RunStep
from dashboard.figures import critical

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


def step(name: str, start: int, end: int | None, causes: str = "", inferred: str = "") -> RunStep:
    """A step that began and ended so many seconds after the begin."""
    return RunStep(
        node_id=name, step=name, agent="a", status=NodeStatus.OK, depth=1, attempts=1,
        start=BEGIN + timedelta(seconds=start), end=None if end is None else BEGIN + timedelta(seconds=end),
        causes=list(causes), inferred=list(inferred),
    )  # fmt: skip


def test_the_end_waited_for_the_slower_of_two_causes() -> None:
    """And for what that waited for."""
    steps = [step("a", 0, 1), step("b", 1, 2, "a"), step("c", 1, 9, "a"), step("d", 9, 10, "bc"), step("e", 1, 5, "a")]
    path = critical.path(steps)
    assert [each.node_id for each in path] == ["a", "c", "d"]
    assert critical.worked(path) == timedelta(seconds=10)


def test_an_order_that_a_framework_tells_of_counts() -> None:
    """Nobody declares causes there."""
    assert [each.node_id for each in critical.path([step("a", 0, 1), step("b", 2, 3, inferred="a")])] == ["a", "b"]


def test_what_goes_on_is_no_part_of_it() -> None:
    """Nor does a circle of causes, which no sound program tells of, go round for ever."""
    assert [each.node_id for each in critical.path([step("a", 0, 1), step("b", 2, None, "a")])] == ["a"]
    assert [each.node_id for each in critical.path([step("a", 0, 1, "b"), step("b", 0, 2, "a")])] == ["a", "b"]
    assert critical.path([]) == []
