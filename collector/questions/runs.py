"""Runs, their steps, and what they published."""

from typing import Final
from uuid import UUID

from collector.causality import status
from collector.errors import NotFoundError
from collector.models import NodeStatus, Run, RunDetail, RunPage, RunStep
from collector.questions.events import folded, text, with_deliveries
from collector.questions.paging import EXTRA, Place, split
from collector.store.database import Row, Session
from collector.store.queries import Query
from collector.times import MILLISECOND_NS, moment, moment_or_none

#: How a run's status is written in the store.
_OUTCOMES: Final = {
    NodeStatus.RUNNING: "running",
    NodeStatus.OK: "ok",
    NodeStatus.FAILED: "failed",
    NodeStatus.CANCELLED: "cancelled",
}


def find(
    session: Session,
    place: Place,
    *,
    workflow: str | None,
    wanted: NodeStatus | None,
    q: str | None,
    limit: int,
) -> RunPage:
    """Returns runs, newest first.

    Args:
        session: the snapshot to read.
        place: where the page begins, and when they began.
        workflow: of this workflow only.
        wanted: with this status only; one that no run can have finds none.
        q: text in the subject, the workflow, the run's or correlation's id; case doesn't matter.
        limit: entries of a page.
    """
    rows = session.rows(
        Query.RUNS_LIST,
        first_ns=place.within.first_ns,
        end_ns=place.within.end_ns,
        before_ns=place.before_ns,
        before_id=place.before_id,
        workflow=workflow,
        outcomes=None if wanted is None else [_OUTCOMES.get(wanted, "")],
        q=folded(q),
        most=limit + EXTRA,
    )
    page, following = split(rows, place, limit, "run_id")
    return RunPage(items=[_run(row) for row in page], next=following, window=place.within.window)


def one(session: Session, run_id: UUID) -> RunDetail:
    """Returns one run with its steps, oldest first, and the events that they published.

    Raises:
        NotFoundError: when no span tells of it.
    """
    rows = session.rows(Query.RUNS_ONE, id=run_id)
    if not rows:
        raise NotFoundError("run", str(run_id))
    steps = session.rows(Query.RUNS_STEPS, id=run_id)
    totals = {
        "steps": len(steps),
        "failed_steps": sum(step["outcome"] == "failed" for step in steps),
        "retries": sum(step["retries"] for step in steps),
    }
    return RunDetail(
        run=_run({**rows[0], **totals}),
        steps=[_step(row) for row in steps],
        events=with_deliveries(session, session.rows(Query.RUNS_EVENTS, id=run_id)),
    )


def _run(row: Row) -> Run:
    return Run(
        run_id=str(row["run_id"]),
        workflow=row["workflow"],
        service=row["service"],
        status=status.of_run(row["outcome"]),
        start=moment(row["start_ns"]),
        end=moment_or_none(row["end_ns"]),
        duration_ms=_duration(row),
        subject=row["subject"],
        correlation_id=text(row["correlation_id"]),
        input_keys=row["input_keys"],
        steps=row["steps"],
        failed_steps=row["failed_steps"],
        retries=row["retries"],
    )


def _step(row: Row) -> RunStep:
    return RunStep(
        node_id=str(row["node_id"]),
        step=row["step"],
        agent=row["agent"],
        status=status.of_work(row["outcome"], running=row["running"]),
        depth=row["depth"] or 1,
        attempts=row["attempts"],
        start=moment(row["start_ns"]),
        end=None if row["running"] else moment_or_none(row["end_ns"]),
        duration_ms=None if row["running"] else _duration(row),
        causes=[str(cause) for cause in row["causes"] or ()],
        keys_read=row["keys_read"] or [],
        keys_written=row["keys_written"] or [],
        context_size=row["context_size"],
        error=row["error"],
        score=row["score"],
    )


def _duration(row: Row) -> float | None:
    return None if row["end_ns"] is None else (row["end_ns"] - row["start_ns"]) / MILLISECOND_NS
