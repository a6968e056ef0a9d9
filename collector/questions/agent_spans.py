"""The spans of traces, read as `collector.agents` wants them."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from collector.agents import langgraph
from collector.agents.tree import Span, Tree
from collector.causality.status import SPAN_ERROR
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.store.roles import Role
from collector.store.values import plain

#: Attributes of frameworks' own that runs are read by.
HINTS: Final = langgraph.HINTS

#: Spans that one answer reads at most; runs of more are told by those.
MOST: Final = 50_000

_ROLES: Final = frozenset(Role)


def trees(session: Session, traces: Iterable[UUID]) -> tuple[dict[UUID, Tree], bool]:
    """Returns the trees of some traces.

    Returns:
        Them by trace id, and whether there were more spans than one answer reads.
    """
    wanted = sorted(set(traces))
    rows = session.rows(Query.AGENTS_SPANS, traces=wanted, hints=list(HINTS), most=MOST + 1) if wanted else []
    by_trace: dict[UUID, list[Span]] = defaultdict(list)
    for row in rows[:MOST]:
        by_trace[row["trace_id"]].append(_span(row))
    return {trace: Tree(spans) for trace, spans in by_trace.items()}, len(rows) > MOST


def _span(row: Row) -> Span:
    return Span(
        id=row["span_id"],
        parent=row["parent_span_id"],
        node_id=row["node_id"],
        name=row["name"],
        scope=row["scope"],
        start_ns=row["start_ns"],
        end_ns=row["end_ns"],
        failed=row["status_code"] == SPAN_ERROR,
        role=Role(row["role"]) if row["role"] in _ROLES else None,
        agent=row["agent"],
        step=row["step"],
        workflow=row["workflow"],
        service=row["service"],
        session=row["session_id"],
        user=row["user_id"],
        error=_error(row),
        work=_said(row["work"]),
        hints=plain(row["hints"]),
    )


def _error(row: Row) -> str | None:
    if row["status_code"] != SPAN_ERROR:
        return None
    return ": ".join(part for part in (row["error_type"], row["status_message"]) if part) or None


def _said(work: dict[str, Any] | None) -> dict[str, Any]:
    """Returns what a call says; a number below zero says nothing."""
    said = {name: value for name, value in (work or {}).items() if value is not None}
    return {name: value for name, value in said.items() if isinstance(value, str) or value >= 0}
