"""The books: which nodes and edges an order must leave behind."""

from uuid import UUID

import pytest

from runtime.causality import identity
from runtime.semconv import Coordination, NodeKind
from sample_agents.orders import app, books
from sample_agents.orders.agents import ORDER_PROCESSED
from sample_agents.orders.fates import Fate

RUN = UUID("01930000-0000-7000-8000-000000000001")
VALIDATE, PAY, SHIP = (identity.step_id(RUN, name) for name in ("validate", "pay", "ship"))
UNDO = identity.step_id(RUN, "pay", "~")
EVENT = identity.event_id(SHIP, 0)
DELIVERIES = [identity.delivery_id(EVENT, name, 0) for name in ("notification", "analytics", "loyalty", "fraud")]

WHOLE = {(RUN, VALIDATE), (VALIDATE, PAY), (VALIDATE, SHIP), (PAY, SHIP)}
REFUNDED = {(PAY, UNDO), (SHIP, UNDO)}
PAID = {(RUN, VALIDATE), (VALIDATE, PAY), (PAY, UNDO)}
REACTED = {(SHIP, EVENT), *((EVENT, one) for one in DELIVERIES)}


def edges(graph: books.Graph, coordination: Coordination) -> set[tuple[UUID, UUID]]:
    return {(edge.cause, edge.effect) for edge in graph.edges if edge.coordination is coordination}


@pytest.mark.parametrize(
    ("fate", "commanded", "reacted"),
    [
        (Fate.PLAIN, WHOLE, REACTED),
        (Fate.LOST, WHOLE, REACTED),
        (Fate.CRASHED, WHOLE, REACTED),
        (Fate.SHIPPED_TWICE, WHOLE, REACTED),
        (Fate.UNDELIVERABLE, WHOLE | REFUNDED, set()),
        (Fate.REFUND_LOST, WHOLE | REFUNDED, set()),
        (Fate.UNHEARD, PAID, set()),
        (Fate.DECLINED, PAID, set()),
        (Fate.INVALID, {(RUN, VALIDATE)}, set()),
    ],
)
def test_an_order_leaves_these_edges_and_no_others(fate: Fate, commanded: set, reacted: set) -> None:
    """Where pay has failed its undo has one cause; the refund of what was shipped in vain has two."""
    graph = books.order(RUN, fate)
    assert edges(graph, Coordination.COMMANDED) == commanded
    assert edges(graph, Coordination.REACTED) == reacted
    assert {end for edge in graph.edges for end in edge[:2]} == set(graph.nodes)
    assert graph.nodes[RUN] is NodeKind.RUN


def test_the_books_know_the_steps_and_groups_that_the_app_declares() -> None:
    """They are kept apart from the app, and must not drift away from it."""
    built = app.build()
    steps = built.workflows[books.WORKFLOW].steps
    assert {name: step.upstream for name, step in steps.items()} == books.UPSTREAM
    assert [name for name, step in steps.items() if step.has_undo] == [books.UNDONE]
    assert {one.channel for one in built.subscriptions} == {ORDER_PROCESSED}
    assert sorted(one.group for one in built.subscriptions) == list(books.GROUPS)
    assert steps["ship"].step.publishes == ORDER_PROCESSED


def test_what_the_provider_is_asked_with_is_the_steps_own_id() -> None:
    """The same in every attempt."""
    assert (books.charge(RUN), books.announcement(RUN)) == (PAY, EVENT)
