"""The books: which nodes and edges a shipment must leave behind."""

from uuid import UUID

import pytest

from runtime.causality import identity
from runtime.semconv import Coordination, DeadLetterReason, NodeKind
from sample_agents import books
from sample_agents.books import Edge
from sample_agents.logistics import app
from sample_agents.world import World

RUN = UUID("01930000-0000-7000-8000-000000000001")
PICKUP, SORTING, TRANSIT, DELIVERY = (
    identity.step_id(RUN, name) for name in ("pickup", "sorting", "transit", "delivery")
)
EVENT = identity.event_id(DELIVERY, 0)
SMS, BILLING, TRACKING = (identity.delivery_id(EVENT, group, 0) for group in ("sms", "billing", "tracking"))
LETTER = identity.dead_letter_id(SMS)
REPLAY = identity.replay_id(LETTER)
AGAIN = identity.delivery_id(EVENT, "sms", 1)

COMMANDED = {
    (RUN, PICKUP),
    (PICKUP, SORTING),
    (SORTING, TRANSIT),
    (PICKUP, DELIVERY),
    (TRANSIT, DELIVERY),
}
REACTED = {(DELIVERY, EVENT), (EVENT, SMS), (EVENT, BILLING), (EVENT, TRACKING)}


def edges(graph: books.Graph, coordination: Coordination) -> set[tuple[UUID, UUID]]:
    return {(edge.cause, edge.effect) for edge in graph.edges if edge.coordination is coordination}


@pytest.mark.parametrize(
    ("reason", "replayed", "more"),
    [
        (None, False, set()),
        (None, True, set()),
        (DeadLetterReason.MAX_ATTEMPTS, False, {(SMS, LETTER)}),
        (DeadLetterReason.MAX_ATTEMPTS, True, {(SMS, LETTER), (LETTER, REPLAY), (REPLAY, AGAIN)}),
        (
            DeadLetterReason.NON_RETRYABLE,
            True,
            {(SMS, LETTER), (LETTER, REPLAY), (REPLAY, AGAIN), (AGAIN, identity.dead_letter_id(AGAIN))},
        ),
    ],
)
def test_a_shipment_leaves_these_edges_and_no_others(reason, replayed, more):
    """Steps are commanded; event, deliveries, letters and replays are reactions."""
    graph = books.shipment(RUN, reason, replayed=replayed)
    assert edges(graph, Coordination.COMMANDED) == COMMANDED
    assert edges(graph, Coordination.REACTED) == REACTED | more


def test_every_end_of_an_edge_is_a_node_of_a_kind():
    """No holes: the books name everything."""
    graph = books.shipment(RUN, DeadLetterReason.NON_RETRYABLE, replayed=True)
    assert {end for edge in graph.edges for end in edge[:2]} == set(graph.nodes)
    kinds = sorted(graph.nodes.values())
    count = {kind: kinds.count(kind) for kind in set(kinds)}
    assert count == {
        NodeKind.RUN: 1,
        NodeKind.STEP: 4,
        NodeKind.EVENT: 1,
        NodeKind.DELIVERY: 4,
        NodeKind.DEAD_LETTER: 2,
        NodeKind.REPLAY: 1,
    }


def test_the_books_of_a_world_follow_its_outage():
    """Each shipment gets the graph of its own fate."""
    world = World(7, 20)
    runs = {number: identity.mint() for number in world.numbers}
    expected = books.build_expected_graphs(world, runs, replayed=True)
    assert expected == {
        number: books.shipment(run, world.dies_of(number), replayed=True) for number, run in runs.items()
    }
    assert len({len(graph.nodes) for graph in expected.values()}) == 3


def test_the_books_know_the_steps_and_groups_that_the_app_declares():
    """They are kept apart from the app, and must not drift away from it."""
    built = app.build()
    assert {name: step.upstream for name, step in built.workflows[books.WORKFLOW].steps.items()} == books.UPSTREAM
    assert books.JUDGED_STEP in books.UPSTREAM
    groups = {subscription.group for subscription in built.subscriptions}
    assert groups == {books.FRAGILE_GROUP, *books.STEADY_GROUPS}


def test_an_edge_compares_by_value():
    """Sets of edges from two sources can be subtracted."""
    assert Edge(RUN, PICKUP, Coordination.COMMANDED) in books.shipment(RUN, None, replayed=False).edges
