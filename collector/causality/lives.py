"""How runs stand in their latest lives.

The same as `runs_where` of `store/ddl/views/runs.sql`, for the few runs that a page or a picture shows. Nothing tells
that one that failed was resumed but that its steps go on, so that the attempts of such runs are read; where these are
many, the database looks at them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from collector.causality import markers
from collector.store.database import Row, Session
from collector.store.queries import Query
from runtime.semconv import RunOutcome, StepOutcome

#: Attempts that are read at most; the database looks at more of them in less time.
MOST_TRIES: Final = 5_000


@dataclass(frozen=True, slots=True)
class Life:
    """The latest life of a run.

    Attributes:
        run_id: the run.
        start_ns: when that was accepted.
        life: how often it was resumed, and one.
        is_resumed: whether it goes on after an end.
        begun_ns: when this life began.
        outcome: how it ended; None where it goes on.
        failed_step, failed_place: the step that it failed of, and where that lies.
        end_ns: when it ended.
    """

    run_id: UUID
    start_ns: int
    life: int
    is_resumed: bool
    begun_ns: int
    outcome: str | None
    failed_step: str | None
    failed_place: str | None
    end_ns: int | None


def read_lives(session: Session, ids: Iterable[UUID]) -> dict[UUID, Life]:
    """Returns how some runs stand; those that no span tells of are left out."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    stored = session.stretch(wanted).bounds
    records = session.rows(Query.RUNS_RECORDS, ids=wanted, shown=None, **stored)
    failed = sorted(end["run_id"] for end in find_latest_ends(records).values() if end["outcome"] == RunOutcome.FAILED)
    if not failed:
        return build_lives(records, ())
    tries = session.rows(Query.RUNS_TRIES, ids=failed, most=MOST_TRIES + 1, **session.stretch(failed).bounds)
    if len(tries) <= MOST_TRIES:
        return build_lives(records, markers.drop_arrived_markers(session, tries))
    return {row["run_id"]: Life(**row) for row in session.rows(Query.RUNS_FATES, ids=wanted, **stored)}


def find_latest_ends(records: Iterable[Row]) -> dict[UUID, Row]:
    """Returns the record of the end of the latest life that has one, by run.

    Args:
        records: of `runs/records.sql`.
    """
    found: dict[UUID, Row] = {}
    for row in records:
        if row["outcome"] is not None:
            known = found.get(row["run_id"])
            if known is None or _life_number(row) > _life_number(known):
                found[row["run_id"]] = row
    return found


def build_lives(records: Sequence[Row], tries: Iterable[Row]) -> dict[UUID, Life]:
    """Returns how runs stand.

    Args:
        records: of `runs/records.sql`, all those of a run or none.
        tries: of `runs/tries.sql`, all those of runs that failed; of others they say nothing.
    """
    starts: dict[UUID, int] = {}
    for row in records:
        starts[row["run_id"]] = min(row["start_ns"], starts.get(row["run_id"], row["start_ns"]))
    ends = find_latest_ends(records)
    again = _find_resume_times(ends, {row["span_id"] for row in records if row["outcome"] is not None}, tries)
    return {
        run_id: _build_life(run_id, start_ns, ends.get(run_id), again.get(run_id))
        for run_id, start_ns in starts.items()
    }


def _life_number(end: Row) -> int:
    return end["attempt"] if end["attempt"] is not None else 1


def _build_life(run_id: UUID, start_ns: int, end: Row | None, again_ns: int | None) -> Life:
    told: Row = end if end is not None and again_ns is None else {}
    begun_ns = again_ns if again_ns is not None else end["start_ns"] if end is not None else start_ns
    return Life(
        run_id=run_id,
        start_ns=start_ns,
        life=(1 if end is None else _life_number(end)) + int(again_ns is not None),
        is_resumed=again_ns is not None,
        begun_ns=begun_ns,
        outcome=told.get("outcome"),
        failed_step=told.get("failed_step"),
        failed_place=told.get("failed_place"),
        end_ns=told.get("end_ns"),
    )


def _find_resume_times(ends: Mapping[UUID, Row], end_spans: Collection[int], tries: Iterable[Row]) -> dict[UUID, int]:
    """Returns when runs that failed went on: an attempt follows the one that failed the run, or hangs below no end that
    is known and began after the last of them."""
    by_run: dict[UUID, list[Row]] = defaultdict(list)
    for row in tries:
        end = ends.get(row["run_id"])
        if end is not None and end["outcome"] == RunOutcome.FAILED:
            by_run[row["run_id"]].append(row)
    found: dict[UUID, int] = {}
    for run_id, rows in by_run.items():
        end, failing = ends[run_id], _find_failing_attempts(rows, ends[run_id])
        begun = [row["start_ns"] for row in rows if _is_after_failure(row, failing) or _is_apart(row, end, end_spans)]
        if begun:
            found[run_id] = min(begun)
    return found


def _find_failing_attempts(rows: Iterable[Row], end: Row) -> dict[UUID, int]:
    """Returns the attempts that failed a run, by their step's node."""
    found: dict[UUID, int] = {}
    for row in rows:
        is_failing = row["parent_span_id"] == end["span_id"] and row["outcome"] == StepOutcome.FAILED
        if is_failing and row["attempt"] is not None:
            found[row["node_id"]] = max(row["attempt"], found.get(row["node_id"], row["attempt"]))
    return found


def _is_after_failure(row: Row, failing: Mapping[UUID, int]) -> bool:
    failed = failing.get(row["node_id"])
    return failed is not None and row["attempt"] is not None and row["attempt"] > failed


def _is_apart(row: Row, end: Row, end_spans: Collection[int]) -> bool:
    parent = row["parent_span_id"]
    return not row["running"] and row["start_ns"] > end["end_ns"] and parent is not None and parent not in end_spans
