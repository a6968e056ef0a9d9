"""Items and rounds are drawn as one where they are more than a few, and no failure is lost in that."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from collector.models import CausalGraph, ItemsLeftOut, Node, NodeKind, NodeStatus, RunStep
from collector.models.places import called
from dashboard.figures import dag, folded_graphs, spacetime, tree
from dashboard.figures.folding import FEW, SHOWN
from tests.dashboard.figures.graphs import START, at, edge, graph, node


def placed(step: str, mark: str, start: float, end: float | None, status: NodeStatus = NodeStatus.OK) -> Node:
    """A node of a step."""
    found = node(f"{step}{mark}", start, end, name=called(step, mark), status=status)
    return found.model_copy(update={"step": step, "place": mark or None, "run_id": "run"})


def fan_out(count: int, failed: Sequence[int] = (), running: Sequence[int] = ()) -> CausalGraph:
    """A run, a step over so many items, and the step after it."""
    items = [
        placed(
            "weigh",
            f"[{index}]",
            1,
            None if index in running else 2 + index / 1_000,
            NodeStatus.FAILED if index in failed else NodeStatus.RUNNING if index in running else NodeStatus.OK,
        )
        for index in range(count)
    ]
    whole, after = placed("weigh", "", 0.5, 5), placed("ship", "", 6, 7)
    edges = [edge("run", each.id) for each in [*items, whole]] + [edge(each.id, whole.id) for each in items]
    run = node("run", 0, 8, kind=NodeKind.RUN, name="order")
    return graph([run, whole, *items, after], [*edges, edge("weigh", "ship")])


def loop(count: int) -> CausalGraph:
    """A run of two steps in so many rounds."""
    marks = ["", *(f"#{number}" for number in range(2, count + 1))]
    nodes = [placed(step, mark, number, number + 1) for number, mark in enumerate(marks) for step in ("write", "judge")]
    edges = [edge(nodes[number].id, nodes[number + 1].id) for number in range(len(nodes) - 1)]
    return graph(nodes, edges)


def test_a_few_items_are_drawn_one_by_one():
    """There is nothing to fold."""
    few = fan_out(FEW)
    assert folded_graphs.of_graph(few) == folded_graphs.FoldedGraph(few)


def test_a_thousand_items_are_one_mark_that_tells_the_worst():
    """In its colour and in its words; edges join at it."""
    found = folded_graphs.of_graph(fan_out(1_000, failed=(3, 500, 999)))
    (group,) = found.groups
    assert [each.id for each in found.graph.nodes] == ["run", "weigh", "ship", group.id]
    fold = found.graph.nodes[-1]
    assert (fold.name, fold.status) == ("weigh: 1,000 items, 3 failed, p50 1.5 s", NodeStatus.FAILED)
    pairs = {(each.cause, each.effect) for each in found.graph.edges}
    assert pairs == {("run", group.id), ("run", "weigh"), (group.id, "weigh"), ("weigh", "ship")}
    assert len(found.members[group.id]) == 1_000


@pytest.mark.parametrize("length", [10, 200])
def test_no_name_is_so_long_that_a_failure_is_not_told(length: int):
    """It is the name that is cut."""
    many = fan_out(20, failed=(3,))
    named = [each.model_copy(update={"step": "n" * length}) if each.place else each for each in many.nodes]
    fold = folded_graphs.of_graph(many.model_copy(update={"nodes": named})).graph.nodes[-1]
    scene = spacetime.lay_out(folded_graphs.of_graph(many.model_copy(update={"nodes": named})).graph)
    mark = next(each for each in scene.marks if each.id == fold.id)
    assert "1 failed" in mark.label
    assert mark.status == "failed"


def test_unfolded_the_worst_are_drawn_and_the_rest_stays_folded():
    """What failed is there, wherever it is in the list."""
    group = folded_graphs.of_graph(fan_out(1_000, failed=(999,))).groups[0]
    found = folded_graphs.of_graph(fan_out(1_000, failed=(999,)), [group.id])
    drawn = [each.id for each in found.graph.nodes if each.place]
    assert drawn == [*(f"weigh[{index}]" for index in range(SHOWN - 1)), "weigh[999]"]
    rest = found.graph.nodes[-1]
    assert (rest.name.split(",")[0], rest.status) == (f"weigh: {1_000 - SHOWN} more", NodeStatus.OK)
    assert found.groups[0].is_open


def test_unfolded_a_dozen_are_all_drawn():
    """Nothing remains."""
    group = folded_graphs.of_graph(fan_out(12)).groups[0]
    found = folded_graphs.of_graph(fan_out(12), [group.id])
    assert found.graph == fan_out(12)
    assert found.groups[0].is_open


def test_what_is_selected_stays_itself():
    """A reader who looks at an item sees it."""
    found = folded_graphs.of_graph(fan_out(1_000), keep=["weigh[41]"])
    assert "weigh[41]" in {each.id for each in found.graph.nodes}
    assert found.graph.nodes[-1].name.startswith("weigh: 999 more")


def test_an_item_that_goes_on_leaves_the_fold_without_an_end():
    """And is told."""
    fold = folded_graphs.of_graph(fan_out(20, running=(7,))).graph.nodes[-1]
    assert (fold.end, fold.status) == (None, NodeStatus.RUNNING)
    assert "1 running" in fold.name


def test_a_hundred_rounds_are_one_mark_a_step():
    """Each may be unfolded by itself; a loop among them is no trouble to any figure."""
    found = folded_graphs.of_graph(loop(100))
    assert [each.name for each in found.graph.nodes] == [
        "write: 100 rounds, p50 1 s",
        "judge: 100 rounds, p50 1 s",
    ]
    assert spacetime.lay_out(found.graph).marks
    assert tree.rows(found.graph)
    write = found.groups[0].id
    opened = folded_graphs.of_graph(loop(100), [write])
    assert len(opened.graph.nodes) == SHOWN + 2


def test_items_of_many_rounds_are_folded_with_them_and_by_round():
    """First the rounds, then the items of each."""
    nodes = [
        placed("weigh", f"{'' if number == 1 else f'#{number}'}{item}", number, number + 1)
        for number in range(1, 11)
        for item in ("", *(f"[{index}]" for index in range(20)))
    ]
    found = folded_graphs.of_graph(graph(nodes))
    assert [each.name.split(",")[0] for each in found.graph.nodes] == ["weigh: 10 rounds"]
    opened = folded_graphs.of_graph(graph(nodes), [found.groups[0].id])
    assert [each.title for each in opened.groups][:3] == [
        "weigh: 10 rounds",
        "weigh: 20 items",
        "weigh, round 2: 20 items",
    ]


def step(step: str, mark: str, end: float | None = 2, causes: Sequence[str] = (), **said: object) -> RunStep:
    """A step of a run."""
    facts = {"status": NodeStatus.OK, "depth": 1, "attempts": 1, **said}
    return RunStep.model_validate(
        {
            "node_id": f"{step}{mark}",
            "step": step,
            "name": called(step, mark),
            "place": mark or None,
            "agent": "a",
            "start": at(1),
            "end": None if end is None else at(end),
            "causes": list(causes),
            **facts,
        }
    )


def test_steps_of_a_run_are_folded_as_its_picture_is():
    """A box for all items, between what they follow from and what gathers them."""
    items = [step("weigh", f"[{index}]", causes=["split"]) for index in range(100)]
    items[7] = items[7].model_copy(update={"status": NodeStatus.FAILED})
    whole = step("weigh", "", end=9, causes=[each.node_id for each in items])
    found = folded_graphs.of_steps(
        "run", [step("split", ""), *items, whole, step("ship", "", causes=["weigh"], depth=2)]
    )
    (group,) = found.groups
    assert [each.node_id for each in found.steps] == ["split", group.id, "weigh", "ship"]
    assert found.steps[1].status == NodeStatus.FAILED
    assert found.steps[2].causes == [group.id]
    drawn = dag.lay_out(found.steps)
    assert [box.x for box in drawn.boxes] == sorted({box.x for box in drawn.boxes})
    assert "1 failed" in drawn.boxes[1].facts


def test_rounds_stand_side_by_side_in_the_graph_of_a_run():
    """Each after what it follows from, though all have the depth of their step."""
    steps = [step("write", ""), step("judge", "", causes=["write"], depth=2)]
    steps += [step("write", "#2", causes=["judge"]), step("judge", "#2", causes=["write#2"], depth=2)]
    xs = [box.x for box in dag.lay_out(steps).boxes]
    assert xs == sorted(set(xs))


def test_a_fold_lasts_from_its_first_item_to_its_last():
    """As long as all of them took together, side by side."""
    found = folded_graphs.of_steps("run", [step("weigh", f"[{index}]", end=2 + index) for index in range(10)])
    assert found.steps[0].duration_ms == 10_000
    assert found.steps[0].start == START + timedelta(seconds=1)


def test_items_of_which_only_numbers_are_known_count() -> None:
    """Of ten thousand a collector tells some hundreds one by one."""
    more = ItemsLeftOut(
        run_id="run",
        step="weigh",
        statuses={NodeStatus.OK: 9_980, NodeStatus.FAILED: 10},
        attempts=9_990,
        p50_ms=12,
        start=at(0),
        end=at(99),
    )
    items = [step("weigh", f"[{index}]") for index in range(10)]
    (fold,) = folded_graphs.of_steps("run", items, left_out=[more]).steps
    assert (fold.name, fold.status) == ("weigh: 10,000 items, 10 failed, p50 12 ms", NodeStatus.FAILED)
    assert (fold.start, fold.end, fold.attempts) == (at(0), at(99), 10_000)
    pictured = fan_out(20).model_copy(update={"items_left_out": [more]})
    assert folded_graphs.of_graph(pictured).graph.nodes[-1].name == "weigh: 10,010 items, 10 failed, p50 12 ms"
    opened = folded_graphs.of_steps("run", items, [fold.node_id], left_out=[more])
    assert opened.steps[-1].name == "weigh: 9,991 more, 10 failed, p50 12 ms"


def test_rounds_that_are_folded_stand_in_the_order_of_their_steps() -> None:
    """Each fold is a cause of the other; the one that began first comes first."""
    marks = ["", *(f"#{number}" for number in range(2, 30))]
    steps: list[RunStep] = []
    for number, mark in enumerate(marks):
        before = [f"judge{marks[number - 1]}"] if number else []
        steps.append(step("write", mark, causes=before).model_copy(update={"start": at(number)}))
        steps.append(
            step("judge", mark, causes=[f"write{mark}"], depth=2).model_copy(update={"start": at(number + 0.5)})
        )
    drawn = dag.lay_out(folded_graphs.of_steps("run", steps).steps)
    assert [(box.name, box.facts.split(",")[0]) for box in drawn.boxes] == [
        ("write", "29 rounds"),
        ("judge", "29 rounds"),
    ]
    assert len(drawn.lines) == 1
