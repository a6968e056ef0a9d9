"""The picture's layout: lanes, bars, breaks, arrows, labels."""

import re
from itertools import combinations
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.models import CausalGraph, Evidence, Hole, NodeKind
from dashboard.figures import spacetime
from tests.dashboard.figures.graphs import edge, fan, graph, node
from tests.dashboard.world import World


def _marks(scene: spacetime.Scene) -> dict[str, spacetime.NodeMark]:
    return {mark.id: mark for mark in scene.marks}


def test_a_lane_an_agent_in_the_order_of_first_effects() -> None:
    """Time runs right, causes run down."""
    scene = spacetime.lay_out(graph([node("1", 5, 6, agent="late"), node("2", 0, 1, agent="early")]))
    assert [lane.name for lane in scene.lanes] == ["early", "late"]
    assert scene.lanes[1].y == scene.lanes[0].height


def test_a_bar_of_a_blink_is_wide_enough_to_click() -> None:
    """A microsecond beside a minute still shows."""
    scene = spacetime.lay_out(graph([node("long", 0, 60), node("blink", 1, 1.000001, agent="b")]))
    mark = _marks(scene)["blink"]
    assert mark.x1 - mark.x0 >= spacetime.LEAST_WIDTH


def test_attempts_are_bars_with_hollow_back_off_between() -> None:
    """A retry reads as two tries and a wait."""
    scene = spacetime.lay_out(graph([node("1", 0, 5, tries=[(0, 1), (4, 5)])]))
    assert [part.kind for part in scene.marks[0].parts] == ["attempt", "backoff", "attempt"]
    assert [part.fill for part in scene.marks[0].parts] == ["--st-orange-color", "", "--st-green-color"]


def test_what_was_only_compared_with_a_step_is_pale_and_says_so() -> None:
    """A handler beside its step had no effect; one that failed is as red as any."""
    beside = node("d", 1, 2, kind=NodeKind.DELIVERY, tries=[(1, 2)]).model_copy(update={"channel": "receipts~shadow"})
    mark = spacetime.lay_out(graph([beside])).marks[0]
    assert {mark.fill, *(part.fill for part in mark.parts)} == {"--st-gray-background-color"}
    assert "only compared with its step, without effect" in mark.hint
    own = beside.model_copy(update={"channel": "receipts"})
    assert spacetime.lay_out(graph([own])).marks[0].fill == "--st-green-color"


def test_the_wait_of_a_delivery_before_its_first_attempt_is_dwell() -> None:
    """What a queue cost is seen before what the work cost."""
    nodes = [node("e", 0, kind=NodeKind.EVENT), node("d", 1, 2, kind=NodeKind.DELIVERY, agent="b", tries=[(1, 2)])]
    parts = _marks(spacetime.lay_out(graph(nodes, [edge("e", "d")])))["d"].parts
    assert [part.kind for part in parts] == ["dwell", "attempt"]


def test_a_long_back_off_is_a_labelled_break() -> None:
    """Between two attempts nobody works, so the wait need not be drawn to scale."""
    scene = spacetime.lay_out(graph([node("1", 0, 2_462, tries=[(0, 1), (2_461, 2_462)])]))
    assert [gap["label"] for gap in scene.breaks] == ["41 min"]


def test_commanded_is_solid_reacted_dashed_and_linked_dotted() -> None:
    """How an edge came about is seen without colour."""
    nodes = [node(each, at) for at, each in enumerate("abcd")]
    edges = [edge("a", "b"), edge("b", "c", commanded=False), edge("c", "d", evidence=Evidence.LINKED)]
    assert [arrow.line for arrow in spacetime.lay_out(graph(nodes, edges)).arrows] == ["solid", "dashed", "linked"]


def test_a_hole_is_a_node_with_an_arrow_to_whatever_names_it() -> None:
    """A cause that never arrived is not silently left out."""
    holed = CausalGraph(focus="1", nodes=[node("1", 0, 1)], edges=[], holes=[Hole(id="gone", named_by=["1"])])
    scene = spacetime.lay_out(holed)
    assert _marks(scene)["gone"].shape == "hole"
    assert [(arrow.cause, arrow.effect) for arrow in scene.arrows] == [("gone", "1")]


def test_a_gap_that_was_not_sampled_is_not_said_to_have_never_arrived() -> None:
    """The label and what hovering says tell why it is missing."""
    holes = [Hole(id="lost", named_by=["1"]), Hole(id="left out", named_by=["1"], reason="not_sampled")]
    marks = _marks(spacetime.lay_out(CausalGraph(focus="1", nodes=[node("1", 0, 1)], edges=[], holes=holes)))
    assert (marks["lost"].label, marks["left out"].label) == ("never arrived", "not sampled")
    assert [any("not sampled" in line for line in marks[each].hint) for each in ("lost", "left out")] == [False, True]


def test_a_node_without_an_agent_stands_on_the_lane_of_its_cause() -> None:
    """No lane is called nothing."""
    nodes = [node("1", 0, 1, agent="delivery"), node("2", 1, kind=NodeKind.EVENT, agent="")]
    assert [lane.name for lane in spacetime.lay_out(graph(nodes, [edge("1", "2")])).lanes] == ["delivery"]


def test_over_150_nodes_the_picture_is_dense_and_collapsed() -> None:
    """Legibility is the limit, not speed."""
    scene = spacetime.lay_out(fan(100, dead=6), keep=["event"])
    assert scene.dense
    assert len(scene.marks) == 3


def test_the_whole_story_of_a_shipment_is_drawn() -> None:
    """Every node has one mark, every edge one arrow, and no word reads None."""
    picture = next(iter(World().pictures.values()))
    whole = CausalGraph(focus="x", nodes=list(picture.nodes.values()), edges=picture.edges)
    scene = spacetime.lay_out(whole)
    assert {mark.id for mark in scene.marks} == set(picture.nodes)
    assert len(scene.arrows) == len(picture.edges)
    assert "None" not in str([(mark.label, mark.hint) for mark in scene.marks])


times = st.floats(0, 100_000)
works = st.tuples(st.sampled_from("abc"), times, st.floats(0, 5_000), st.sampled_from(list(NodeKind)))


@settings(max_examples=60)
@given(st.lists(works, min_size=1, max_size=25))
def test_marks_never_overlap_and_stay_on_their_lane(drawn: list[tuple[str, float, float, NodeKind]]) -> None:
    """Whatever happened, every node can be seen and clicked."""
    nodes = [
        node(str(at), start, start + took, agent=agent, kind=kind)
        for at, (agent, start, took, kind) in enumerate(drawn)
    ]
    scene = spacetime.lay_out(graph(nodes))
    for one, other in combinations(scene.marks, 2):
        assert one.y != other.y or one.x1 <= other.x0 or other.x1 <= one.x0
    assert all(any(lane.y < mark.y < lane.y + lane.height for lane in scene.lanes) for mark in scene.marks)


def test_a_mark_of_no_kind_looks_like_a_part_of_the_axis() -> None:
    """A mark has its kind as a class: no rule for a class of the axis may be meant for a kind as well."""
    style = Path(spacetime.__file__).with_suffix(".css").read_text()
    selectors = {one.strip() for rule in re.findall(r"([^{}]+)\{", style) for one in rule.split(",")}
    assert selectors & {f".{kind}" for kind in NodeKind} == set()


def test_a_tick_is_a_moment_that_is_called_like_its_schedule() -> None:
    """It takes no time, and what it started follows it."""
    moment, started = node("t", 0, 1, kind=NodeKind.TICK, agent="nightly"), node("r", 1, 3, kind=NodeKind.RUN)
    scene = spacetime.lay_out(graph([moment, started], [edge("t", "r")]))
    mark = _marks(scene)["t"]
    assert (mark.shape, mark.label, len(mark.hint)) == ("tick", moment.name, 2)
