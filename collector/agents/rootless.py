"""Graphs whose own span has not arrived: it is sent when the graph ends, and its nodes before. Pure.

Nodes of LangGraph say that they are, so that what they lie in is known to be a graph. What else has a parent that
nobody sent may have been called by a program that sends nothing, and stays topmost itself.
"""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from collector.agents import langgraph
from collector.agents.tree import Span
from collector.store import uuids
from collector.store.roles import Role

#: What LangGraph calls a graph that nobody has named.
_NAME = "LangGraph"


def add_missing_graphs(trace: UUID, spans: Sequence[Span]) -> list[Span]:
    """Returns the spans of a trace, with a span for each graph of which there are nodes alone: it has begun with the
    first of them, and goes on.

    Args:
        trace: its id.
        spans: in order of their beginning.
    """
    known = {span.id for span in spans}
    nodes: dict[int, list[Span]] = defaultdict(list)
    for span in spans:
        if span.parent is not None and span.parent not in known and langgraph.is_node(span):
            nodes[span.parent].append(span)
    graphs = [_make_graph_span(trace, id_, held[0]) for id_, held in nodes.items()]
    return sorted([*spans, *graphs], key=lambda span: (span.start_ns, span.id in known, span.id))


def _make_graph_span(trace: UUID, id_: int, first: Span) -> Span:
    return Span(
        id=id_,
        parent=None,
        node_id=uuids.span_node_id(trace, id_),
        name=_NAME,
        scope=first.scope,
        start_ns=first.start_ns,
        role=Role.STEP,
        service=first.service,
        session=first.session,
        user=first.user,
        is_missing=True,
    )
