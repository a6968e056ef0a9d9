"""Chains of more traces than are looked at one by one."""

import pytest

from collector.causality import chain
from collector.client import CollectorClient
from tests.collector.live import LiveCollector
from tests.collector.story import Story, foreign, place

COUNT = 30


@pytest.fixture
def told(collector: LiveCollector) -> None:
    """Traces of one span, each linked to the one before."""
    story = Story()
    for number in range(COUNT):
        links = [place(str(number - 1), "s")] if number else []
        story.add(str(number), place(str(number), "s"), at=number, links=links)
    collector.tell(story)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("focus", [0, 11, COUNT - 1])
def test_all_of_it_is_found_both_ways(client: CollectorClient, focus: int) -> None:
    """Though only the nearest few are looked at one by one."""
    assert chain.NEAR_ROUNDS < COUNT // 4
    graph = client.causality(str(foreign(place(str(focus), "s"))))
    assert [node.name for node in graph.nodes] == [str(number) for number in range(COUNT)]
    assert len(graph.edges) == COUNT - 1
    assert (graph.truncated, graph.holes) == (False, [])


@pytest.mark.usefixtures("told")
def test_one_that_is_too_long_is_cut_and_says_so(client: CollectorClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest are there, also where the whole picture was asked for: its beginning is not known."""
    monkeypatch.setattr(chain, "FAR_HOPS", 3)
    for direction in ("both", "whole"):
        graph = client.causality(str(foreign(place("15", "s"))), direction=direction)
        names = {int(node.name) for node in graph.nodes}
        assert graph.truncated
        assert set(range(15 - chain.NEAR_ROUNDS, 15 + chain.NEAR_ROUNDS + 1)) <= names < set(range(COUNT))
