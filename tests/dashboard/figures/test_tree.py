"""Causes and effects as an indented list."""

from collector.models import CausalGraph, Hole
from dashboard.figures import tree
from tests.dashboard.figures.graphs import edge, graph, node


def test_effects_are_indented_below_their_cause_in_the_order_of_time() -> None:
    """It reads as it happened."""
    nodes = [node("run", 0), node("second", 2), node("first", 1), node("after", 3)]
    listed = tree.rows(graph(nodes, [edge("run", "second"), edge("run", "first"), edge("first", "after")]))
    assert [(row.id, row.depth) for row in listed] == [("run", 0), ("first", 1), ("after", 2), ("second", 1)]


def test_a_node_with_two_causes_is_listed_twice_and_its_effects_once() -> None:
    """A graph is not a tree, and says so."""
    nodes = [node("a", 0), node("b", 1), node("join", 2), node("end", 3)]
    edges = [edge("a", "b"), edge("a", "join"), edge("b", "join"), edge("join", "end")]
    listed = tree.rows(graph(nodes, edges))
    assert [(row.id, row.again) for row in listed] == [
        ("a", False),
        ("b", False),
        ("join", False),
        ("end", False),
        ("join", True),
    ]


def test_a_hole_is_a_root_that_never_arrived() -> None:
    """What is missing has its line too."""
    holed = CausalGraph(focus="1", nodes=[node("1", 0)], edges=[], holes=[Hole(id="gone", named_by=["1"])])
    assert [(row.name, row.depth) for row in tree.rows(holed)] == [("never arrived", 0), ("work", 1)]


def test_a_loop_of_causes_ends() -> None:
    """Foreign telemetry may claim anything."""
    looped = graph([node("a", 0), node("b", 1)], [edge("a", "b"), edge("b", "a")])
    assert [row.id for row in tree.rows(looped)] == ["a", "b", "a"]
