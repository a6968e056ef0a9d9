"""Calls of models and tools of a time range, with what decides whether they count."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

import pyarrow as pa

from collector.questions import remembered_rows
from collector.questions.remembered_rows import RowKind
from collector.questions.windows import Range
from collector.store.database import Session
from collector.store.queries import Query
from collector.store.recollection import Subject

CALLS: Final = RowKind(
    subject=Subject.CALLS,
    found=Query.CALLS_FOUND,
    traces=Query.CALLS_TRACES,
    affected=Query.CALLS_AFFECTED,
    told=("trace_id", "counted_in", "answer", "start_ns"),
    repeated=(
        "role",
        "app",
        "agent",
        "session_id",
        "user_id",
        "tool",
        "response_model",
        "model",
        "provider",
        "service_tier",
    ),
)


def find_calls_between(session: Session, within: Range) -> pa.Table:
    """Returns calls as `calls/found.sql` has them: all that began in a range, and some that began right beside it.

    Args:
        session: the snapshot to read.
        within: the range.
    """
    return remembered_rows.find_rows_between(session, CALLS, within)


def find_calls_of_traces(session: Session, traces: Iterable[UUID]) -> pa.Table:
    """Returns the same of some traces.

    Args:
        session: the snapshot to read.
        traces: their ids.
    """
    return remembered_rows.find_rows_of_traces(session, CALLS, traces)
