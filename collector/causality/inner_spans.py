"""Which foreign spans are nodes of a chain, and which are only inner workings of a node of ours. Pure.

A model call inside a step is detail. A web request above a run, a service between a step and the run that it started,
and a foreign consumer of our event, with all that it causes, are causes and effects. So is an agent of others that runs
within a step, with the tool or service that called it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from collector.causality.cone import NodeId
from collector.causality.evidence import CausalEdge
from collector.store.roles import DETAILS, Role
from runtime.semconv import Evidence, NodeKind

#: OTLP's span kind of whoever receives a message.
_CONSUMER: Final = 5

#: Parts that an agent, or several together, play.
_WHOLE: Final = frozenset({Role.AGENT, Role.WORKFLOW})


class ChainFacts(Protocol):
    """What is known of a chain: its edges, the kinds of its nodes, and of foreign ones OTLP's span kind and the part
    that they play in an agent's work."""

    @property
    def edges(self) -> Iterable[CausalEdge]: ...
    @property
    def kinds(self) -> Mapping[NodeId, NodeKind]: ...
    @property
    def span_kinds(self) -> Mapping[NodeId, int]: ...
    @property
    def roles(self) -> Mapping[NodeId, str]: ...


def find_inner_spans(chain: ChainFacts, focus: NodeId, opened: NodeId | None = None) -> frozenset[NodeId]:
    """Returns the foreign spans to leave out of a chain: nested in a node of ours, and nothing but nested spans
    follows; agents of others are never left out.

    What is left out causes nothing that stays, so causes and effects of what stays agree.

    Args:
        chain: what is known of it.
        focus: whom it is asked about; nothing is left out where that is detail itself.
        opened: an agent of others whose own workings are shown; by default the focus, where that is one.
    """
    causes: dict[NodeId, list[NodeId]] = defaultdict(list)
    children: dict[NodeId, list[NodeId]] = defaultdict(list)
    linked: set[NodeId] = set()
    for edge in chain.edges:
        causes[edge.effect].append(edge.cause)
        if edge.evidence == Evidence.PARENT:
            children[edge.cause].append(edge.effect)
        else:
            linked.add(edge.effect)
    # Nothing is nested in an event: a child of its span received it.
    ours = [node for node, kind in chain.kinds.items() if kind not in (NodeKind.SPAN, NodeKind.EVENT)]
    may_be_inner = {
        node
        for node, kind in chain.kinds.items()
        if kind == NodeKind.SPAN and node not in linked and chain.span_kinds.get(node) != _CONSUMER
    }
    inner = _find_reachable(ours, children, may_be_inner) & may_be_inner
    agents = _find_agents(ours, children, inner, chain.roles)
    inner -= agents
    left_out = inner - _find_reachable(chain.kinds.keys() - inner, causes, inner)
    if focus in left_out:
        return frozenset()
    shown = agents & {opened or focus}
    return frozenset(left_out - _find_reachable(shown, children, left_out))


def _find_agents(
    ours: Iterable[NodeId], children: Mapping[NodeId, list[NodeId]], inner: set[NodeId], roles: Mapping[NodeId, str]
) -> set[NodeId]:
    """Returns the inner nodes that are agents, or whole runs of others: agents and workflows, and chains right within
    ours that have steps, as a graph has. A chain that does no more than ask a model is detail."""
    found = {node for node in inner if roles.get(node) in _WHOLE}
    plain = {node for node in inner if roles.get(node) is None}
    for node in _find_reachable(ours, children, plain):
        for child in children.get(node, ()):
            if child in inner and roles.get(child) == Role.STEP and _has_steps(child, children, inner, roles):
                found.add(child)
    return found


def _has_steps(
    top: NodeId, children: Mapping[NodeId, list[NodeId]], inner: set[NodeId], roles: Mapping[NodeId, str]
) -> bool:
    below = _find_reachable([top], children, inner) - {top}
    return any(roles.get(node) not in (None, *DETAILS) for node in below)


def _find_reachable(
    start: Iterable[NodeId], neighbours: Mapping[NodeId, list[NodeId]], through: set[NodeId]
) -> set[NodeId]:
    """Returns what can be reached from some nodes by way of others."""
    reached, open_ = set(start), list(start)
    while open_:
        for other in neighbours.get(open_.pop(), ()):
            if other in through and other not in reached:
                reached.add(other)
                open_.append(other)
    return reached
