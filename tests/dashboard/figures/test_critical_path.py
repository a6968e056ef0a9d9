"""The critical path of a run."""

from datetime import UTC, datetime, timedelta

from collector.models import NodeStatus, RunStep
from dashboard.figures import critical_path

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


def step(name: str, start: int, end: int | None, causes: str = "", inferred: str = "") -> RunStep:
    """A step that began and ended so many seconds after the begin."""
    return RunStep(
        node_id=name,
        step=name,
        agent="a",
        status=NodeStatus.OK,
        depth=1,
        attempts=1,
        start=BEGIN + timedelta(seconds=start),
        end=None if end is None else BEGIN + timedelta(seconds=end),
        duration_ms=None if end is None else (end - start) * 1_000,
        causes=list(causes),
        inferred=list(inferred),
    )


def test_the_end_waited_for_the_slower_of_two_causes() -> None:
    """And for what that waited for."""
    steps = [step("a", 0, 1), step("b", 1, 2, "a"), step("c", 1, 9, "a"), step("d", 9, 10, "bc"), step("e", 1, 5, "a")]
    path = critical_path.path(steps)
    assert [each.node_id for each in path] == ["a", "c", "d"]
    assert critical_path.measure_time_spent(path, BEGIN) == critical_path.TimeSpent(
        timedelta(seconds=10), timedelta(), timedelta()
    )


def test_work_is_told_from_waiting_for_an_answer_and_from_queues() -> None:
    """A step that asked a person did not work meanwhile; nor did one that nobody had taken up, or that backed off."""
    first = step("a", 2, 10).model_copy(update={"worked_ms": 3_000.0})
    asked = step("b", 11, 61, "a").model_copy(update={"worked_ms": 2_000.0, "answer_ms": 45_000.0})
    found = critical_path.measure_time_spent(critical_path.path([first, asked]), BEGIN)
    assert found == critical_path.TimeSpent(timedelta(seconds=5), timedelta(seconds=45), timedelta(seconds=11))
    assert critical_path.get_worked_ms(asked) == 2_000


def test_the_way_through_a_fan_out_and_a_loop_is_that_of_its_slowest_item() -> None:
    """What gathers the items began before them, and counts with its own work alone; a step that was skipped ended at
    once."""
    whole = step("g", 1, 9, "xy").model_copy(update={"worked_ms": 20.0})
    items = [step("x", 1, 3, "a"), step("y", 1, 8, "a")]
    steps = [step("a", 0, 1), *items, whole, step("s", 9, 9, "g"), step("z", 9, 12, "s")]
    path = critical_path.path(steps)
    assert [each.node_id for each in path] == ["a", "y", "g", "s", "z"]
    assert critical_path.measure_time_spent(path, BEGIN).worked == timedelta(seconds=11, milliseconds=20)


def test_an_order_that_a_framework_tells_of_counts() -> None:
    """Nobody declares causes there."""
    assert [each.node_id for each in critical_path.path([step("a", 0, 1), step("b", 2, 3, inferred="a")])] == ["a", "b"]


def test_what_goes_on_is_no_part_of_it() -> None:
    """Nor does a circle of causes, which no sound program tells of, go round for ever."""
    assert [each.node_id for each in critical_path.path([step("a", 0, 1), step("b", 2, None, "a")])] == ["a"]
    assert [each.node_id for each in critical_path.path([step("a", 0, 1, "b"), step("b", 0, 2, "a")])] == ["a", "b"]
    assert critical_path.path([]) == []
