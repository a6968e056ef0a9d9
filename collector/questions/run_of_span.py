"""Of which run a span of others is: the run of agents that it lies in, else that of ours."""

from uuid import UUID

from collector.agents import reading, run_contents
from collector.agents.tree import Span, Tree
from collector.questions import agent_spans
from collector.store.database import Session
from collector.store.queries import Query


def find_run_of_span(session: Session, node_id: UUID) -> str | None:
    """Returns the id of a run; None where the node is no span of others, or lies in none.

    Args:
        session: the snapshot to read.
        node_id: the node of the span.
    """
    rows = session.rows(Query.AGENTS_TRACE_OF, id=node_id, **session.stretch([node_id]).bounds)
    if not rows:
        return None
    trace, span_id = rows[0]["trace_id"], rows[0]["span_id"]
    stored = session.stretch([trace]).bounds
    if session.rows(Query.AGENTS_TOLD_TRACES, traces=[trace], **stored):
        trees, _ = agent_spans.read_trees(session, [trace])
        span = trees[trace].find_span(span_id)
        top = _find_top(trees[trace], span) if span is not None else None
        if top is not None:
            return str(top.node_id)
    above = session.rows(Query.AGENTS_ABOVE, trace=trace, span=span_id, **stored)
    return next((str(row["run_id"]) for row in above if row["run_id"] is not None), None)


def _find_top(tree: Tree, span: Span) -> Span | None:
    """Returns the topmost span of the run that a span lies in, which may be itself."""
    around = reading.find_parent_run(tree, span)
    if around is None:
        return span if span.role is not None else None
    return span if span in run_contents.find_contents(tree, around).runs else around
