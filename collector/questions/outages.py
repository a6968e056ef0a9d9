"""Breakers that are open, and when others were, as the spans of their outages tell."""

from collections.abc import Iterable, Sequence
from typing import Final

from collector.models import Breaker, Outage, Problem, Severity, Window
from collector.questions.windows import Range
from collector.store.database import Session
from collector.store.queries import Query
from collector.times import moment

#: Outages that are told of.
MOST: Final = 200


#: How a breaker stands that is not closed.
_STANDS: Final = {"open": "is open", "half_open": "is half open", "held": "is held open"}


def find_problems(breakers: Sequence[Breaker]) -> Iterable[Problem]:
    """Returns what is wrong: each breaker that is not closed."""
    for one in breakers:
        yield Problem(
            severity=Severity.WARNING,
            title=describe_breaker(one),
            detail=f"{describe_waiting(one)} {one.why}".strip(),
            view="groups",
            params={"breaker": one.name},
        )


def describe_breaker(breaker: Breaker) -> str:
    """Returns in a sentence how a breaker stands."""
    by = f" by {breaker.by}" if breaker.by else ""
    return f"Breaker {breaker.name} {_STANDS.get(breaker.state, 'is closed')}{by}"


def describe_waiting(breaker: Breaker) -> str:
    """Returns how much waits for a breaker."""
    if not breaker.waiting_total:
        return "Nothing is deferred by it; groups that it guards may have left events unread."
    one = breaker.waiting_total == 1
    return f"{breaker.waiting_total} {'step or delivery is' if one else 'steps and deliveries are'} deferred by it."


def find_outages(session: Session, window: Window) -> list[Outage]:
    """Returns the outages that ended within a window, the newest first."""
    within = Range.of(window)
    rows = session.rows(Query.OVERVIEW_OUTAGES, first_ns=within.first_ns, end_ns=within.end_ns, most=MOST)
    return [
        Outage(
            name=row["breaker"],
            start=moment(row["start_ns"]),
            end=moment(row["end_ns"]),
            why=row["why"] or "",
            by=row["operator"],
            trace_id=row["trace_id"],
        )
        for row in rows
    ]
