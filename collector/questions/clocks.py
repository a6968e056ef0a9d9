"""Whose clock is ahead: what such a service sends has not happened yet, as our clock has it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from collector.models import Problem, Severity
from collector.questions.windows import AHEAD
from collector.store.database import Session
from collector.store.queries import Query
from collector.times import nanoseconds


def find_problems(session: Session, now: datetime) -> Iterable[Problem]:
    """Yields a line for each service that sent spans which begin later than now."""
    for row in session.rows(Query.OVERVIEW_CLOCKS, horizon_ns=nanoseconds(now + AHEAD), now_ns=nanoseconds(now)):
        name, count = row["service"] or "a service without a name", row["spans"]
        yield Problem(
            severity=Severity.WARNING,
            title=f"The clock of {name} is ahead by {_format_length(timedelta(microseconds=row['ahead_ns'] // 1_000))}",
            detail=f"{count} {'span begins' if count == 1 else 'spans begin'} later than now. The order of what it "
            "does and what others do can't be trusted, nor lengths of time between them; set its clock.",
            view="traces",
            params={"service": row["service"], "range": "all"},
        )


def _format_length(ahead: timedelta) -> str:
    for unit, length in (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1))):
        if ahead >= 2 * length or (unit == "h" and ahead >= length):
            return f"{round(ahead / length)} {unit}"
    return f"{round(ahead.total_seconds())} s"
