"""Cones of any graph."""

from hypothesis import given
from hypothesis import strategies as st

from collector.causality.cone import Direction, NodeId, compute_cone

NODES = st.integers(0, 12).map(lambda n: f"{n:02}")
EDGES = st.lists(st.tuples(NODES, NODES), max_size=40)


def closure(focus: NodeId, edges: list[tuple[NodeId, NodeId]]) -> set[NodeId]:
    """Everything ahead, the slow and obvious way."""
    found = {focus}
    while more := {effect for cause, effect in edges if cause in found} - found:
        found |= more
    return found


@given(NODES, EDGES)
def test_effects_are_all_that_can_be_reached(focus: NodeId, edges: list[tuple[NodeId, NodeId]]) -> None:
    """Also through cycles."""
    assert compute_cone(focus, edges, Direction.EFFECTS, 100) == (closure(focus, edges), 0)


@given(NODES, EDGES)
def test_causes_are_the_effects_of_the_graph_turned_round(focus: NodeId, edges: list[tuple[NodeId, NodeId]]) -> None:
    """One rule, two directions."""
    turned = [(effect, cause) for cause, effect in edges]
    assert compute_cone(focus, edges, Direction.CAUSES, 100) == compute_cone(focus, turned, Direction.EFFECTS, 100)


@given(NODES, EDGES)
def test_both_is_the_union(focus: NodeId, edges: list[tuple[NodeId, NodeId]]) -> None:
    """Siblings are in neither."""
    both, _ = compute_cone(focus, edges, Direction.BOTH, 100)
    assert (
        both
        == compute_cone(focus, edges, Direction.CAUSES, 100)[0] | compute_cone(focus, edges, Direction.EFFECTS, 100)[0]
    )


@given(NODES, EDGES, st.integers(1, 13))
def test_the_nearest_are_kept_whatever_the_order_of_edges(
    focus: NodeId, edges: list[tuple[NodeId, NodeId]], most: int
) -> None:
    """A cut graph holds the focus, and is the same graph every time."""
    whole, _ = compute_cone(focus, edges, Direction.BOTH, 100)
    kept, cut = compute_cone(focus, edges, Direction.BOTH, most)
    assert focus in kept
    assert len(kept) == min(most, len(whole))
    assert cut == len(whole) - len(kept)
    assert compute_cone(focus, edges[::-1], Direction.BOTH, most) == (kept, cut)
