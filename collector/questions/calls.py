"""One call of a model, a tool or anything else that an agent calls, with all that was said."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from collector.agents import sessions, usage
from collector.agents.messages import requests
from collector.agents.messages.tool_names import add_tool_names, collect_tool_names
from collector.agents.tree import Span, Tree
from collector.errors import NotFoundError
from collector.models import Call
from collector.models.conversations import CallDetail
from collector.prices.price_list import PriceBook
from collector.questions import agent_runs, agent_spans, message_contents
from collector.questions.spending import Spending
from collector.store.database import Session
from collector.store.queries import Query


def find_call(session: Session, node_id: UUID, prices: PriceBook = agent_runs.NO_PRICES) -> CallDetail:
    """Returns a call.

    Args:
        session: the snapshot to read.
        node_id: the node of its span.
        prices: what calls of models cost.

    Raises:
        NotFoundError: when no span of others is that node.
    """
    rows = session.rows(Query.AGENTS_TRACE_OF, id=node_id, **session.stretch([node_id]).bounds)
    if not rows:
        raise NotFoundError("call", str(node_id))
    trace, span_id = rows[0]["trace_id"], rows[0]["span_id"]
    trees, truncated = agent_spans.read_trees(session, [trace])
    tree = trees[trace]
    span = tree.find_span(span_id)
    if span is None:
        raise NotFoundError("call", str(node_id))
    contents = message_contents.read_contents(session, [(trace, span_id)], everything=True)[trace, span_id]
    told = message_contents.read_messages(span, contents)
    call = agent_runs.build_call(span, Spending(usage.find_uncounted(tree), prices), tree)
    return CallDetail(
        call=call,
        messages=add_tool_names(told.told, collect_tool_names(told.told)),
        answer=told.answered,
        parameters=requests.read_parameters(contents.attributes),
        tools=requests.read_tools(contents.attributes),
        finish_reasons=requests.read_finish_reasons(contents.attributes)
        or [each.finish for each in told.answered if each.finish],
        streamed=_is_streamed(contents.attributes, call),
        output_per_second=_output_rate(call),
        reported_cost=span.work.get("cost"),
        response_id=span.work.get("response_id"),
        service_tier=span.work.get("service_tier"),
        source=told.source,
        run_id=_find_run(session, trace, tree, span),
        session=sessions.session_of(tree, span),
        user=sessions.user_of(tree, span),
        agent=tree.agent(span),
        trace_id=trace.hex,
        notes=told.notes,
        truncated=truncated,
    )


def _find_run(session: Session, trace: UUID, tree: Tree, span: Span) -> str:
    """Returns the run that a call belongs to: ours that it lies in, else the topmost span above it with a part."""
    above = session.rows(Query.AGENTS_ABOVE, trace=trace, span=span.id, **session.stretch([trace]).bounds)
    own = next((row["run_id"] for row in above if row["run_id"] is not None), None)
    tops = [each.node_id for each in tree.above(span) if each.role is not None]
    return str(own or (tops[-1] if tops else span.node_id))


def _is_streamed(attributes: Mapping[str, Any], call: Call) -> bool | None:
    told = requests.was_streamed(attributes)
    return True if told is None and call.first_chunk_ms is not None else told


def _output_rate(call: Call) -> float | None:
    """Returns how many tokens a second came once an answer had begun."""
    written = call.usage.output_tokens if call.usage else None
    if written is None or call.first_chunk_ms is None or call.duration_ms is None:
        return None
    took = call.duration_ms - call.first_chunk_ms
    return round(written * 1_000 / took, 1) if took > 0 else None
