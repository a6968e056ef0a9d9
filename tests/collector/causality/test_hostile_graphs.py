"""Whatever traces of others claim - rings of messages, spans that name themselves or each other - no node comes to be
its own cause, and effects and causes tell the same."""

import random
from graphlib import TopologicalSorter
from uuid import UUID

import pytest

from collector.causality.cone import Direction
from collector.causality.graph import build_causal_graph
from collector.errors import NotFoundError
from collector.models import CausalGraph
from runtime import semconv
from tests.collector.live import LiveCollector
from tests.collector.story import CLIENT, CONSUMER, INTERNAL, PRODUCER, Story, Value, Where, foreign, place

SPANS = 10
CHANNELS = ("a", "b", "c")
MESSAGES = ("17", "18")


def hostile(seed: int) -> Story:
    """Spans of a few traces, whose parents, links, messages and clocks are drawn at random."""
    chance, story = random.Random(seed), Story()
    places = [place(f"{seed} {chance.randrange(3)}", str(number)) for number in range(SPANS)]
    for where in places:
        attributes: dict[str, Value] = {}
        kind = chance.choice((PRODUCER, CONSUMER, CONSUMER, INTERNAL, CLIENT))
        if kind in (PRODUCER, CONSUMER) and chance.random() < 0.9:
            attributes = {
                semconv.FOREIGN_EVENT_ID: f"{seed}-{chance.choice(MESSAGES)}",
                semconv.CHANNEL: f"{seed} {chance.choice(CHANNELS)}",
            }
        same = [other for other in places if other.trace == where.trace]
        story.add(
            "work",
            where,
            at=chance.randrange(8),
            kind=kind,
            parent=chance.choice(same) if chance.random() < 0.7 else None,
            links=chance.sample(places, chance.choice((0, 0, 1, 2))),
            attributes=attributes,
            failed=chance.choice(("", "", "no")),
        )
    return story


def span_ids(story: Story) -> list[str]:
    """The nodes that a story's spans are where they are no events."""
    places = [Where(int.from_bytes(one.trace_id), int.from_bytes(one.span_id)) for one in story.spans]
    return [str(foreign(where)) for where in places]


def reached(graph: CausalGraph) -> set[str]:
    """Whom a graph shows; there must be an order in which no effect comes before its cause."""
    order: TopologicalSorter[str] = TopologicalSorter()
    for edge in graph.edges:
        order.add(edge.effect, edge.cause)
    order.prepare()
    return {node.id for node in graph.nodes} | {hole.id for hole in graph.holes}


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.battery) for seed in range(1, 4))])
def test_whatever_others_claim_no_node_is_its_own_cause(collector: LiveCollector, seed: int) -> None:
    """Messages that are passed on, put back and linked across traces; every node is asked about, each way."""
    story = hostile(seed)
    collector.tell(story)
    ahead: dict[str, set[str]] = {}
    behind: dict[str, set[str]] = {}
    asked = span_ids(story)
    with collector.database.reading() as session:
        while asked:
            focus = asked.pop()
            if focus in ahead:
                continue
            try:
                both = reached(build_causal_graph(session, UUID(focus)))
            except NotFoundError:
                continue  # the span is an event
            ahead[focus] = reached(build_causal_graph(session, UUID(focus), Direction.EFFECTS))
            behind[focus] = reached(build_causal_graph(session, UUID(focus), Direction.CAUSES))
            assert both == ahead[focus] | behind[focus]
            assert ahead[focus] & behind[focus] == {focus}
            asked += both
    told = {(cause, effect) for cause, effects in ahead.items() for effect in effects}
    assert told == {(cause, effect) for effect, causes in behind.items() for cause in causes}
