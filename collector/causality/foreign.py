"""Which foreign spans are nodes of a chain, and which are only inner workings of a node of ours. Pure.

A model call inside a step is detail. A web request above a run, a service between a step and the run that it started,
and a foreign consumer of our event, with all that it causes, are causes and effects.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from collector.causality.cone import NodeId
from collector.causality.evidence import Claimed
from runtime.semconv import Evidence, NodeKind

#: OTLP's span kind of whoever receives a message.
_CONSUMER: Final = 5


def detail(
    edges: Iterable[Claimed], kinds: Mapping[NodeId, NodeKind], span_kinds: Mapping[NodeId, int], focus: NodeId
) -> frozenset[NodeId]:
    """Returns the foreign spans to leave out of a chain: nested in a node of ours, and nothing but nested spans
    follows.

    What is left out causes nothing that stays, so causes and effects of what stays agree.

    Args:
        edges: all edges of the chain.
        kinds: kinds of its nodes.
        span_kinds: OTLP's span kind of its foreign nodes.
        focus: whom the chain is asked about; nothing is left out where that is detail itself.
    """
    causes: dict[NodeId, list[NodeId]] = defaultdict(list)
    children: dict[NodeId, list[NodeId]] = defaultdict(list)
    linked: set[NodeId] = set()
    for edge in edges:
        causes[edge.effect].append(edge.cause)
        if edge.evidence == Evidence.PARENT:
            children[edge.cause].append(edge.effect)
        else:
            linked.add(edge.effect)
    # Nothing is nested in an event: a child of its span received it.
    ours = [node for node, kind in kinds.items() if kind not in (NodeKind.SPAN, NodeKind.EVENT)]
    may_be_inner = {
        node
        for node, kind in kinds.items()
        if kind == NodeKind.SPAN and node not in linked and span_kinds.get(node) != _CONSUMER
    }
    inner = _reach(ours, children, may_be_inner) & may_be_inner
    left_out = frozenset(inner - _reach(kinds.keys() - inner, causes, inner))
    return frozenset() if focus in left_out else left_out


def _reach(start: Iterable[NodeId], neighbours: Mapping[NodeId, list[NodeId]], through: set[NodeId]) -> set[NodeId]:
    """Returns what can be reached from some nodes by way of others."""
    reached, open_ = set(start), list(start)
    while open_:
        for other in neighbours.get(open_.pop(), ()):
            if other in through and other not in reached:
                reached.add(other)
                open_.append(other)
    return reached
