"""The spans of traces, read as `collector.agents` wants them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from collector.agents import cross_trace_duplicates, implied_steps, langgraph, order, rootless, tree, usage
from collector.agents.cross_trace_duplicates import Placed
from collector.agents.tree import Span, Tree
from collector.causality import holes
from collector.causality.status import SPAN_ERROR, of_span
from collector.models import NodeStatus
from collector.store.database import Row, Session
from collector.store.endings import WAITING
from collector.store.queries import Query
from collector.store.roles import Role
from collector.store.values import decode_attributes
from runtime import semconv
from runtime.semconv import StepOutcome

#: Attributes of frameworks' own that runs are read by.
HINTS: Final = (*langgraph.HINTS, tree.KIND, tree.NODE, order.HANDED_BY, semconv.CALL_PARKED)

#: Such as may be long, and say nothing to us where they are: an answer that names what comes next is short.
SHORT: Final = langgraph.OUTPUTS

_LONGEST: Final = 1_000

#: How long a call goes on at most, for that another trace tells of it to be noticed.
_LONGEST_CALL_NS: Final = 3_600 * 10**9

#: Spans that one answer reads at most; runs of more are told by those.
MOST: Final = 50_000

Folded = Callable[[Sequence[UUID]], list[Row] | None]
"""What tells which spans of some traces are left when those are left out that a list can do without."""

#: Where OpenInference's messages go on with what the exception's event has already.
_TRACEBACK: Final = "Traceback (most recent call last)"

_ROLES: Final = frozenset(Role)


def read_trees(
    session: Session, traces: Iterable[UUID], *, folds: bool = False, folded: Folded | None = None
) -> tuple[dict[UUID, Tree], bool]:
    """Returns the trees of some traces.

    Args:
        session: the snapshot to read.
        traces: their ids.
        folds: whether leaves are left out that play no part and say nothing but when they ended.
        folded: tells of some traces which spans these leave; None where it does not know.

    Returns:
        Them by trace id, and whether there were more spans than one answer reads.
    """
    wanted = sorted(set(traces))
    rows = [] if not wanted else _read_folded_rows(session, wanted, folded) if folds else _read_rows(session, wanted)
    by_trace: dict[UUID, list[Span]] = defaultdict(list)
    unnamed: dict[UUID, set[int]] = defaultdict(set)
    for row in rows[:MOST]:
        by_trace[row["trace_id"]].append(_build_span(row))
        if row["is_implied"] and row["role"] is not None:
            unnamed[row["trace_id"]].add(row["span_id"])
    settled = {
        trace: rootless.add_missing_graphs(trace, implied_steps.correct_implied_models(spans, unnamed[trace]))
        for trace, spans in by_trace.items()
    }
    others = _find_twin_calls(session, [span for spans in settled.values() for span in spans])
    found = {
        trace: Tree(spans, cross_trace_duplicates.find_duplicates(trace, spans, others))
        for trace, spans in settled.items()
    }
    return found, len(rows) > MOST


def find_traces_of_own_run(session: Session, run_id: UUID) -> list[UUID]:
    """Returns the traces in which a run of ours did something."""
    rows = session.rows(Query.AGENTS_TRACES_OF_RUN, id=run_id, **session.stretch([run_id]).bounds)
    return [row["trace_id"] for row in rows]


def _read_rows(session: Session, traces: Sequence[UUID] | None, places: Sequence[int] | None = None) -> list[Row]:
    stored = session.stretch(traces or ()).bounds
    told = {"hints": list(HINTS), "short": list(SHORT), "longest": _LONGEST}
    return session.rows(Query.AGENTS_SPANS, traces=traces, places=places, most=MOST + 1, **told, **stored)


def _read_folded_rows(session: Session, traces: Sequence[UUID], folded: Folded | None) -> list[Row]:
    """Of a trace of 500 spans of a web server one is left. Which rows these are is told by another statement: within a
    snapshot they stay where they are (`Database.checkpoint`)."""
    kept = folded(traces) if folded else None
    if kept is None:
        kept = session.rows(Query.AGENTS_FOLDED, traces=traces, most=MOST + 1, **session.stretch(traces).bounds)
    if not kept:
        return []
    ends = {(row["trace_id"], row["span_id"]): row["last_ns"] for row in kept}
    found = _read_rows(session, None, [row["place"] for row in kept])
    return [{**row, "last_ns": ends[row["trace_id"], row["span_id"]]} for row in found]


def find_tree_around(session: Session, node_id: UUID) -> tuple[UUID, Tree, Span, bool] | None:
    """Returns the trace that a node of others lies in, its id first, the node's span, and whether there were more spans
    than one answer reads; None where there is no such node. A graph whose own span has not arrived is found as well."""
    trace = _find_trace(session, node_id)
    if trace is None:
        return None
    found, truncated = read_trees(session, [trace])
    span = found[trace].find_by_node(node_id)
    return None if span is None else (trace, found[trace], span, truncated)


def _find_trace(session: Session, node_id: UUID) -> UUID | None:
    stored = session.stretch([node_id]).bounds
    rows = session.rows(Query.AGENTS_TRACE_OF, id=node_id, **stored)
    if rows:
        return UUID(str(rows[0]["trace_id"]))
    if session.rows(Query.CHAIN_FOCUS_TRACES, id=node_id, **stored):  # a node of ours is no hole: none is looked for
        return None
    return next(iter(holes.find_traces_naming(session, node_id)), None)


def _find_twin_calls(session: Session, spans: Sequence[Span]) -> list[Placed]:
    """Returns calls of models, in any trace, that gave the answers that some spans tell of."""
    answers = sorted(cross_trace_duplicates.collect_answer_ids(spans))
    if not answers:
        return []
    starts = [span.start_ns for span in spans if span.role in usage.CALLS]
    bounds = {"first_ns": min(starts) - _LONGEST_CALL_NS, "last_ns": max(starts)}
    rows = session.rows(Query.AGENTS_TWINS, answers=answers, most=MOST, **bounds)
    return [(row["trace_id"], _build_call_span(row)) for row in rows]


def _build_call_span(row: Row) -> Span:
    return Span(
        id=row["span_id"],
        parent=row["parent_span_id"],
        node_id=row["node_id"],
        name=row["name"],
        scope=row["scope"],
        start_ns=row["start_ns"],
        end_ns=row["end_ns"],
        role=Role(row["role"]),
        work=_keep_valid_values(row["work"]),
    )


def _build_span(row: Row) -> Span:
    return Span(
        id=row["span_id"],
        parent=row["parent_span_id"],
        node_id=row["node_id"],
        name=row["name"],
        scope=row["scope"],
        start_ns=row["start_ns"],
        end_ns=row["end_ns"],
        last_ns=row.get("last_ns"),
        failed=of_span(row["status_code"], row["outcome"]) == NodeStatus.FAILED,
        role=Role(row["role"]) if row["role"] in _ROLES else None,
        agent=row["agent"],
        step=row["step"],
        workflow=row["workflow"],
        service=row["service"],
        session=row["session_id"],
        user=row["user_id"],
        ended=row["outcome"],
        error=_error_text(row),
        work=_keep_valid_values(row["work"]),
        hints=decode_attributes(row["hints"]),
    )


def _error_text(row: Row) -> str | None:
    is_told = row["status_code"] == SPAN_ERROR or row["outcome"] == StepOutcome.FAILED
    if not is_told or row["outcome"] in (WAITING, StepOutcome.OK):
        return None
    whole = str(row["status_message"])
    message = whole.partition(_TRACEBACK)[0].strip() or whole
    kind = row["error_type"] or ""
    if message.startswith(kind.rpartition(".")[2] + ":"):  # as our own calls say it: with the type in front
        return message
    return ": ".join(part for part in (kind, message) if part) or None


def _keep_valid_values(work: dict[str, Any] | None) -> dict[str, Any]:
    """Returns what a call says; a number below zero says nothing."""
    said = {name: value for name, value in (work or {}).items() if value is not None}
    return {name: value for name, value in said.items() if isinstance(value, str) or value >= 0}
