"""What was said in a run, of others or of ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from collector.agents import reading, run_contents, usage
from collector.agents.conversation import CallExchange, Turns
from collector.agents.merged_calls import merge_duplicates
from collector.agents.messages import sources, tools
from collector.agents.messages.message_memory import MessageMemory
from collector.agents.tree import Span, Tree
from collector.errors import NotFoundError
from collector.models import Run
from collector.models.conversations import Conversation, Turn
from collector.prices.price_list import PriceBook
from collector.questions import agent_runs, agent_spans, message_contents
from collector.questions.message_contents import SpanContents
from collector.questions.spending import Spending
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.store.roles import DETAILS, Role

#: Calls of one run that are read; the first ones of more.
MOST: Final = 3_000
#: Turns of one answer where nobody says how many, and at most.
PAGE: Final = 200
PAGE_LIMIT: Final = 1_000

_NOTHING: Final = (
    "no messages were sent with these calls: whoever traces them does so without contents, as most do by default "
    "(OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT, TRACELOOP_TRACE_CONTENT)"
)
_TWICE: Final = "calls that two instrumentations saw are told once"


@dataclass(slots=True)
class _PlacedCall:
    """A call, and where it lies."""

    trace: UUID
    span: Span
    step: str | None = None
    agent: str | None = None
    attempt: int = 1


@dataclass(slots=True)
class _RunCalls:
    """The calls of a run, in order of their beginning."""

    calls: list[_PlacedCall]
    spent: Spending
    top: _PlacedCall | None = None
    children: Sequence[Run] = ()
    truncated: bool = False
    notes: Sequence[str] = ()


def find_conversation(
    session: Session, run_id: UUID, first: int = 0, limit: int = PAGE, prices: PriceBook = agent_runs.NO_PRICES
) -> Conversation:
    """Returns the conversation of a run.

    Args:
        session: the snapshot to read.
        run_id: its id; of a run of others the node of its topmost span.
        first: turns before the first one of the answer.
        limit: turns of the answer at most.
        prices: what calls of models cost.

    Raises:
        NotFoundError: when there is no such run.
    """
    found = _read_calls_of_others(session, run_id, prices) or _read_own_calls(session, run_id, prices)
    calls = found.calls[:MOST]
    spans = [*calls, *([found.top] if found.top else [])]
    contents = message_contents.read_contents(session, ((each.trace, each.span.id) for each in spans))
    heard, notes = _collect_messages(calls, contents, found.spent)
    turns = Turns(heard)
    is_silent = turns.are_silent
    whole = _find_turn_of_top(found, contents) if is_silent else None
    before = [whole] if whole is not None else []
    notes += found.notes
    if len(turns) and is_silent and whole is None:
        notes.append(_NOTHING)
    page = [*before[first:], *turns.page(max(first - len(before), 0), first + limit - len(before))]
    return Conversation(
        run_id=str(run_id),
        turns=page,
        calls=len(found.calls),
        first=first,
        next=first + limit if first + limit < len(before) + len(turns) else None,
        children=list(found.children),
        notes=notes,
        truncated=found.truncated or len(found.calls) > MOST,
    )


def _read_calls_of_others(session: Session, run_id: UUID, prices: PriceBook) -> _RunCalls | None:
    around = agent_spans.find_tree_around(session, run_id)
    if around is None:
        return None
    trace, tree, top, truncated = around
    run, spent = reading.read_run(tree, top), Spending(usage.find_uncounted(tree), prices)
    calls = [_PlacedCall(trace, call, agent=tree.agent(call)) for call in run.calls]
    for step in run.steps:
        where = None if step.span.role in DETAILS else step.name
        calls += [_PlacedCall(trace, call, where, tree.agent(call), step.round + 1) for call in step.calls]
    children = [agent_runs.build_run(tree, reading.read_run(tree, child), spent) for child in run.children]
    notes = [note] if (note := usage.describe_difference(tree, top)) else []
    return _RunCalls(_order_calls(calls), spent, _PlacedCall(trace, top, agent=run.agent), children, truncated, notes)


def _read_own_calls(session: Session, run_id: UUID, prices: PriceBook) -> _RunCalls:
    stored = session.stretch([run_id])
    around = session.stretch(agent_spans.find_traces_of_own_run(session, run_id))
    rows = session.rows(Query.AGENTS_CALLS_OF_RUN, id=run_id, **stored.bounds, **around.bounds_of("around"))
    if not rows and not session.rows(Query.RUNS_ONE, id=run_id, **stored.bounds):
        raise NotFoundError("run", str(run_id))
    trees, truncated = agent_spans.read_trees(session, (row["trace_id"] for row in rows))
    skipped: dict[int, str] = {}
    for tree in trees.values():
        skipped.update(usage.find_uncounted(tree))
    calls = [call for row in rows if (call := _build_own_call(trees, row)) is not None]
    return _RunCalls(_order_calls(calls), Spending(skipped, prices), truncated=truncated)


def _build_own_call(trees: Mapping[UUID, Tree], row: Row) -> _PlacedCall | None:
    tree = trees.get(row["trace_id"])
    span = tree.find_span(row["span_id"]) if tree is not None else None
    if tree is None or span is None or span.role not in DETAILS or run_contents.is_repeated_tool_call(tree, span):
        return None
    return _PlacedCall(row["trace_id"], span, row["step"], span.agent or row["agent"], row["attempt"] or 1)


def _order_calls(calls: Sequence[_PlacedCall]) -> list[_PlacedCall]:
    different = {(call.trace, call.span.id): call for call in calls}
    return sorted(different.values(), key=lambda each: (each.span.start_ns, each.span.id))


def _collect_messages(
    calls: Sequence[_PlacedCall], contents: Mapping[tuple[UUID, int], SpanContents], spent: Spending
) -> tuple[list[CallExchange], list[str]]:
    memory = MessageMemory()
    every = [_describe_call(call, contents[call.trace, call.span.id], spent, memory) for call in calls]
    found = merge_duplicates(every, {str(call.span.node_id) for call in calls if call.span.id in spent.skipped})
    return found, [_TWICE] if len(found) < len(every) else []


def _describe_call(call: _PlacedCall, contents: SpanContents, spent: Spending, memory: MessageMemory) -> CallExchange:
    span = call.span
    is_model = span.role == Role.MODEL
    return CallExchange(
        call=agent_runs.build_call(span, spent),
        is_model=is_model,
        read=partial(message_contents.read_messages, span, contents, memory),
        call_id=None if is_model else tools.find_call_id(tools.add_events(contents.attributes, contents.events)),
        step=call.step,
        agent=call.agent,
        attempt=call.attempt,
    )


def _find_turn_of_top(found: _RunCalls, contents: Mapping[tuple[UUID, int], SpanContents]) -> Turn | None:
    """Returns what a run itself tells of its conversation, where none of its calls tells anything."""
    top = found.top
    if top is None or any(call.span.id == top.span.id for call in found.calls):
        return None
    held = contents[top.trace, top.span.id]
    told = sources.read_agent(held.attributes, held.events)
    if not told.told and not told.answered:
        return None
    call = agent_runs.build_call(top.span, found.spent)
    return Turn(call=call, messages=told.told, answer=told.answered, agent=top.agent, notes=told.notes)
