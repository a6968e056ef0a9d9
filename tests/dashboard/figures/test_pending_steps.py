"""Steps that have not begun are drawn pale, behind those that they wait for."""

from collector.models import RunStep, StepToCome
from dashboard.figures import dag, pending_steps
from tests.dashboard.world import World


def begun(count: int) -> list[RunStep]:
    """The first steps of a shipment."""
    return next(iter(World().runs.values())).steps[:count]


def drawn(steps: list[RunStep], *coming: StepToCome) -> dag.StepDrawing:
    """With those that are to come."""
    return dag.lay_out([*steps, *pending_steps.make_pending_steps(steps, coming, World().now)])


def test_steps_that_have_not_begun_stand_behind_those_that_they_wait_for() -> None:
    """Pale, and with a line from each of them."""
    transit = StepToCome(step="transit", waits_for=["sorting"])
    drawing = drawn(begun(2), transit, StepToCome(step="delivery", waits_for=["transit", "pickup"]))
    assert [(box.name, box.is_to_come) for box in drawing.boxes] == [
        ("pickup", False),
        ("sorting", False),
        ("transit", True),
        ("delivery", True),
    ]
    assert len({box.x for box in drawing.boxes}) == 4
    assert len(drawing.lines) == 4


def test_before_any_step_has_begun_all_are_pale() -> None:
    """A run that waits for a worker shows what it will do."""
    drawing = drawn([], StepToCome(step="pickup", waits_for=[]), StepToCome(step="sorting", waits_for=["pickup"]))
    assert [(box.name, box.facts, box.is_to_come) for box in drawing.boxes] == [
        ("pickup", "not begun", True),
        ("sorting", "not begun", True),
    ]
    assert len(drawing.lines) == 1


def test_a_step_that_has_begun_since_the_server_was_asked_is_drawn_once() -> None:
    """As what it is."""
    drawing = drawn(begun(2), StepToCome(step="sorting", waits_for=["pickup"]))
    assert [(box.name, box.is_to_come) for box in drawing.boxes] == [("pickup", False), ("sorting", False)]


def test_a_step_behind_a_loop_waits_for_the_last_round() -> None:
    """Not for the first one."""
    first, again = begun(2)
    again = again.model_copy(update={"step": first.step, "place": "#2"})
    (coming,) = pending_steps.make_pending_steps(
        [again, first], [StepToCome(step="ship", waits_for=[first.step])], World().now
    )
    assert (coming.causes, pending_steps.is_to_come(coming.node_id)) == ([again.node_id], True)
