"""What is found claim by claim is what is found with all claims at once."""

from hypothesis import given
from hypothesis import strategies as st

from collector.causality.cone import Direction, compute_cone
from collector.causality.reach import ReachedNodes

NODES = st.integers(0, 9).map(str)
EDGES = st.lists(st.tuples(NODES, NODES), max_size=30)


@given(NODES, st.lists(EDGES, max_size=6), st.booleans())
def test_parts_add_up_to_the_whole(focus: str, parts: list[list[tuple[str, str]]], ahead: bool) -> None:
    """And each node is told once."""
    reach = ReachedNodes(focus, ahead=ahead)
    told = [node for part in parts for node in reach.add(part)]
    every = [pair for part in parts for pair in part]
    whole, _ = compute_cone(focus, every, Direction.BOTH if ahead else Direction.CAUSES, 100)
    assert {focus, *told} == whole
    assert ahead or len(told) == len(set(told))
