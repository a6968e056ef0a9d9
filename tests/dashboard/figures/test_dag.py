"""A run's steps as boxes."""

from itertools import combinations

from dashboard.figures import dag
from tests.dashboard.world import World


def test_steps_stand_in_columns_by_depth_with_a_line_from_each_cause() -> None:
    """A chain of four is four columns and three lines."""
    detail = next(iter(World().runs.values()))
    drawing = dag.lay_out(detail.steps)
    assert [box.name for box in drawing.boxes] == ["pickup", "sorting", "transit", "delivery"]
    assert len(drawing.lines) == 3
    assert all(line.x0 < line.x1 for line in drawing.lines)


def test_boxes_of_one_depth_do_not_overlap() -> None:
    """A fan-out is a column."""
    detail = next(iter(World().runs.values()))
    level = [step.model_copy(update={"depth": 1, "causes": []}) for step in detail.steps]
    for one, other in combinations(dag.lay_out(level).boxes, 2):
        assert abs(one.y - other.y) >= dag.BOX_HEIGHT


def test_a_line_that_skips_a_column_passes_above_all_boxes() -> None:
    """Drawn straight it would hide behind the boxes between."""
    detail = next(iter(World().runs.values()))
    first, *between, last = detail.steps
    last = last.model_copy(update={"causes": [*last.causes, first.node_id]})
    drawing = dag.lay_out([first, *between, last])
    (long,) = [line for line in drawing.lines if line.lane is not None]
    assert (long.x0, long.x1) == (drawing.boxes[0].x + dag.BOX_WIDTH, drawing.boxes[-1].x)
    assert 0 < long.lane < min(box.y for box in drawing.boxes)
    assert max(box.y + dag.BOX_HEIGHT for box in drawing.boxes) < drawing.height


def test_a_run_without_steps_yet_draws_nothing() -> None:
    """A run is accepted before its first step begins."""
    detail = next(iter(World().runs.values())).model_copy(update={"steps": []})
    assert dag.lay_out(detail.steps).boxes == []
