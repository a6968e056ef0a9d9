"""Siblings are drawn as one where there are too many to read."""

import random

from collector.models import NodeStatus
from dashboard.figures.collapse import MOST_DRAWN, collapse
from tests.dashboard.figures.graphs import fan


def test_a_small_graph_is_left_alone() -> None:
    """Nobody wants a summary of five nodes."""
    graph = fan(5)
    assert collapse(graph).nodes == graph.nodes


def test_siblings_become_one_that_says_how_many_and_how_many_died() -> None:
    """The worst of them gives the colour, and their effects collapse with them."""
    drawn = collapse(fan(100, dead=6))
    assert [node.name for node in drawn.nodes] == [
        "sent",
        "sms \N{MULTIPLICATION SIGN} 100, 6 dead",
        "told \N{MULTIPLICATION SIGN} 100",
    ]
    assert drawn.nodes[1].status == NodeStatus.DEAD
    assert len(drawn.edges) == 2
    assert sorted(len(each) for each in drawn.members.values()) == [100, 100]


def test_what_is_selected_stays_itself_with_its_causes() -> None:
    """A reader never loses the node that is being read."""
    drawn = collapse(fan(100), keep=["e41"])
    ids = {node.id for node in drawn.nodes}
    assert {"event", "d41", "e41"} <= ids
    assert len(ids) == 5


def test_siblings_that_have_other_names_become_one_where_there_are_hundreds() -> None:
    """Those that went wrong apart from those that are well; up to four hundred are drawn one by one."""
    many = fan(MOST_DRAWN + 100)
    named = [
        node.model_copy(
            update={"name": f"{node.name} {number}", "status": NodeStatus.RETRYING if number == 7 else node.status}
        )
        for number, node in enumerate(many.nodes)
    ]
    few = many.model_copy(update={"nodes": named[:300]})
    assert len(collapse(few).nodes) == 300
    drawn = collapse(many.model_copy(update={"nodes": named}))
    assert len(drawn.nodes) < 10
    assert sum(len(members) for members in drawn.members.values()) > MOST_DRAWN
    assert all(node.name != named[1].name for node in drawn.nodes)
    assert NodeStatus.RETRYING in {node.status for node in drawn.nodes}


def test_every_arrow_ends_at_a_node_in_whatever_order_nodes_come() -> None:
    """Answers list nodes by time or by id, and causes may come after their effects."""
    graph = fan(200, dead=3)
    for seed in range(5):
        nodes = random.Random(seed).sample(graph.nodes, len(graph.nodes))
        drawn = collapse(graph.model_copy(update={"nodes": nodes}))
        ids = {node.id for node in drawn.nodes}
        assert {end for edge in drawn.edges for end in (edge.cause, edge.effect)} <= ids
        assert len(ids - {edge.effect for edge in drawn.edges}) == 1
        assert set(drawn.members) <= ids
