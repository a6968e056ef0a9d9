"""The causal graph that each feature must leave behind, computed from its run's id and its plan alone."""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from runtime.causality import identity
from runtime.causality.step_place import StepPlace
from runtime.semconv import Coordination, NodeKind
from sample_agents.books import Edge, Graph
from sample_agents.codegen.plan import FILES, Fate

WORKFLOW: Final = "simulated/feature"

#: The steps, each with those that it reads from.
UPSTREAM: Final = {
    "research": (),
    "generate": ("research",),
    "review": ("generate",),
    "tests": ("generate", "review"),
    "approval": ("generate", "tests"),
    "deliver": ("generate", "approval"),
}

#: The steps of a round; the first is done for each function, and reads the last one's result of the round before. So
#: does the last one.
ROUND: Final = ("generate", "review", "tests")
FIRST, LAST = ROUND[0], ROUND[-1]

#: The step that is judged, and the one in which a feature fails that is never right.
JUDGED: Final = "tests"

#: Which channel each step publishes to, and who hears of it.
PUBLISHES: Final = {"generate": "simulated/code_generated", "review": "simulated/review_completed"}
GROUPS: Final = ("metrics", "notify")


def node(run: UUID, step: str, round_: int = 1, index: int | None = None) -> UUID:
    """The id of a step, in a round and for an item."""
    return identity.step_id(run, step, StepPlace(step, round_, index).mark)


def feature(run: UUID, fate: Fate) -> Graph:
    """What one feature leaves behind.

    Args:
        run: its run.
        fate: its own.
    """
    graph = Graph({run: NodeKind.RUN}, frozenset()) | _step([run], node(run, "research"))
    for round_ in range(1, fate.rounds + 1):
        graph |= _round(run, round_)
    if not fate.is_right:
        return graph
    for step in ("approval", "deliver"):  # one that is skipped has been asked
        causes = [node(run, name, fate.rounds if name in ROUND else 1) for name in UPSTREAM[step]]
        graph |= _step(causes, node(run, step))
    return graph


def find_related_nodes(graph: Graph, focus: UUID) -> dict[UUID, NodeKind]:
    """The part of a graph that has led to a node, or follows from it."""
    before = {edge.effect: [one.cause for one in graph.edges if one.effect == edge.effect] for edge in graph.edges}
    after = {edge.cause: [one.effect for one in graph.edges if one.cause == edge.cause] for edge in graph.edges}
    found = _find_reachable(focus, before) | _find_reachable(focus, after)
    return {id_: kind for id_, kind in graph.nodes.items() if id_ in found}


def _find_reachable(start: UUID, leads: Mapping[UUID, list[UUID]]) -> set[UUID]:
    seen, waiting = {start}, [start]
    while waiting:
        new = set(leads.get(waiting.pop(), ())) - seen
        seen |= new
        waiting += new
    return seen


def _round(run: UUID, round_: int) -> Graph:
    before = [node(run, LAST, round_ - 1)] if round_ > 1 else []
    spread = [node(run, "research"), *before]
    items = [node(run, FIRST, round_, index) for index in range(FILES)]
    graph = _step([*spread, *items], node(run, FIRST, round_))
    for item in items:
        graph |= _step(spread, item)
    for step in ROUND[1:]:
        causes = [node(run, name, round_) for name in UPSTREAM[step]]
        graph |= _step([*causes, *(before if step == LAST else ())], node(run, step, round_))
    for step in PUBLISHES:
        graph |= _build_event_graph(node(run, step, round_))
    return graph


def _build_event_graph(step: UUID) -> Graph:
    event = identity.event_id(step, 0)
    graph = _make_node_graph([step], event, NodeKind.EVENT, Coordination.REACTED)
    for group in GROUPS:
        graph |= _make_node_graph(
            [event], identity.delivery_id(event, group, 0), NodeKind.DELIVERY, Coordination.REACTED
        )
    return graph


def _step(causes: Iterable[UUID], effect: UUID) -> Graph:
    return _make_node_graph(causes, effect, NodeKind.STEP, Coordination.COMMANDED)


def _make_node_graph(causes: Iterable[UUID], effect: UUID, kind: NodeKind, coordination: Coordination) -> Graph:
    """One more node, with what caused it."""
    return Graph({effect: kind}, frozenset(Edge(cause, effect, coordination) for cause in causes))
