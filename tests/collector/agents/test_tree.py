"""The spans of one trace as a tree."""

from uuid import UUID

from collector.agents.tree import Span, Tree
from collector.store.roles import Role


def span(id_: int, parent: int | None, role: Role | None = None, agent: str | None = None) -> Span:
    """A span."""
    return Span(id_, parent, UUID(int=id_), f"s{id_}", id_, role=role, agent=agent, service="app")


def test_what_lies_above_and_below() -> None:
    """The nearest first, and each before those below it."""
    spans = [span(1, None), span(2, 1), span(3, 2), span(4, 1)]
    tree = Tree(spans)
    assert [each.id for each in tree.above(spans[2])] == [2, 1]
    assert [each.id for each in tree.below(spans[0])] == [2, 3, 4]


def test_spans_that_are_each_others_parents_are_roots() -> None:
    """And nobody walks in circles, however long these are."""
    spans = [span(1, 3), span(2, 1), span(3, 2), span(4, 3), span(5, 5)]
    tree = Tree(spans)
    assert [tree.parent(each) for each in spans] == [None, None, None, spans[2], None]
    assert [each.id for each in tree.below(spans[2])] == [4]
    ring = [span(n, n % 3_000 + 1) for n in range(1, 3_001)]
    tree = Tree(ring)
    assert all(tree.parent(each) is None for each in ring)


def test_a_chain_of_any_length_is_walked() -> None:
    """Each span below the one before."""
    chain = [span(n, n - 1 or None) for n in range(1, 20_001)]
    tree = Tree(chain)
    assert sum(1 for _ in tree.above(chain[-1])) == 19_999
    assert sum(1 for _ in tree.below(chain[0])) == 19_999


def test_work_belongs_to_the_nearest_agent() -> None:
    """To the service where none is told."""
    spans = [span(1, None, Role.AGENT, "triage"), span(2, 1), span(3, None)]
    tree = Tree(spans)
    assert [tree.agent(each) for each in spans] == ["triage", "triage", "app"]


def test_a_parent_that_did_not_arrive_is_none() -> None:
    """The span is a root for now."""
    assert Tree([late := span(2, 1)]).parent(late) is None
