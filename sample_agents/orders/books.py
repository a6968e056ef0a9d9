"""The causal graph that each order must leave behind, computed from its run's id and its fate alone."""

from typing import Final
from uuid import UUID

from runtime.causality import identity
from runtime.semconv import Coordination, NodeKind
from sample_agents.books import Edge, Graph
from sample_agents.orders.fates import Fate

WORKFLOW: Final = "order"

#: The steps, each with those that it reads from.
UPSTREAM: Final = {"validate": (), "pay": ("validate",), "ship": ("validate", "pay")}

#: The step that is undone, the mark of its undo, and the step that announces.
UNDONE: Final = "pay"
_UNDO: Final = "~"
_LAST: Final = "ship"

#: Who hears of processed orders.
GROUPS: Final = ("analytics", "fraud", "loyalty", "notification")

#: The step in which an order of a fate fails.
_FAILS_IN: Final = {
    Fate.INVALID: "validate",
    Fate.DECLINED: "pay",
    Fate.UNHEARD: "pay",
    Fate.UNDELIVERABLE: "ship",
    Fate.REFUND_LOST: "ship",
}


def fails_in(fate: Fate) -> str:
    """The step in which an order of a fate fails; empty where it goes through."""
    return _FAILS_IN.get(fate, "")


def charge(run: UUID) -> UUID:
    """The id of the step that pays: what the provider is asked with."""
    return identity.step_id(run, UNDONE)


def announcement(run: UUID) -> UUID:
    """The id of the event that tells of a processed order."""
    return identity.event_id(identity.step_id(run, _LAST), 0)


def order(run: UUID, fate: Fate) -> Graph:
    """What one order leaves behind.

    Args:
        run: its run.
        fate: its own.
    """
    graph, failed = Graph({run: NodeKind.RUN}, frozenset()), fails_in(fate)
    for step, upstream in UPSTREAM.items():
        causes = [identity.step_id(run, name) for name in upstream] or [run]
        graph |= _make_node_graph(causes, identity.step_id(run, step), NodeKind.STEP, Coordination.COMMANDED)
        if step == failed:
            break
    if not failed:
        return graph | _build_event_graph(run)
    if identity.step_id(run, UNDONE) in graph.nodes:
        undone = dict.fromkeys((charge(run), identity.step_id(run, failed)))
        graph |= _make_node_graph(
            [*undone], identity.step_id(run, UNDONE, _UNDO), NodeKind.STEP, Coordination.COMMANDED
        )
    return graph


def _build_event_graph(run: UUID) -> Graph:
    event = announcement(run)
    graph = _make_node_graph([identity.step_id(run, _LAST)], event, NodeKind.EVENT, Coordination.REACTED)
    for group in GROUPS:
        graph |= _make_node_graph(
            [event], identity.delivery_id(event, group, 0), NodeKind.DELIVERY, Coordination.REACTED
        )
    return graph


def _make_node_graph(causes: list[UUID], effect: UUID, kind: NodeKind, coordination: Coordination) -> Graph:
    """One more node, with what caused it."""
    return Graph({effect: kind}, frozenset(Edge(cause, effect, coordination) for cause in causes))
