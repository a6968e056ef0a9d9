"""Runs of a page among some whose ids are known, as `runs/list.sql` lists them: that plans what finds the ids, too."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from collector.causality import lives, markers, tries
from collector.causality.lives import MOST_TRIES, Life
from collector.causality.tries import WorkAttempts, first_value
from collector.questions import list_batches
from collector.store.database import Row, Session
from collector.store.queries import Query
from runtime.semconv import StepOutcome

#: Runs of which all is read at once, without a look at their times first: of more, the newest first.
_AT_ONCE: Final = 1_000

#: Runs of which it is worked out together how they stand, at first.
_TOGETHER: Final = 100


def list_runs_of_ids(
    session: Session, unasked: Mapping[str, object], ids: Sequence[UUID], page: Mapping[str, Any]
) -> list[Row]:
    """Returns the rows of a page, newest first. Where many attempts were made in its runs the database counts them.

    Args:
        session: the snapshot to read.
        unasked: what else the list could be asked for.
        ids: of runs.
        page: where it begins, its time range, and how many rows fill it, as `newest_pages` says that.
    """
    found = _read_records(session, ids)
    return _list_begun(session, unasked, found, _find_begun(found, page), page)


def list_runs_by_status(
    session: Session,
    unasked: Mapping[str, object],
    outcomes: Sequence[str] | None,
    workflow: str | None,
    ids: Sequence[UUID],
    page: Mapping[str, Any],
) -> list[Row]:
    """Returns the rows of a page of runs that stand so, or are of a workflow, newest first.

    Args:
        session: the snapshot to read.
        unasked: what else the list could be asked for.
        outcomes: how they stand, as the list's statement has it; None for all.
        workflow: of which; None for all.
        ids: of runs.
        page: as for `list_runs_of_ids`.
    """
    kept: list[Row] = []
    for part in [ids] if len(ids) <= _AT_ONCE else _split_newest_first(session, ids, page):
        rest = {**page, "most": page["most"] - len(kept)}
        kept += _list_part(session, unasked, outcomes, workflow, part, rest)
        if len(kept) == page["most"]:
            break
    return kept


def _list_part(
    session: Session,
    unasked: Mapping[str, object],
    outcomes: Sequence[str] | None,
    workflow: str | None,
    ids: Sequence[UUID],
    page: Mapping[str, Any],
) -> list[Row]:
    """Returns the rows of a page of some runs: how those stand is worked out until the page is full."""
    found = _read_records(session, ids)
    begun = _find_begun(_filter_by_workflow(found, workflow), {**page, "most": len(ids)})
    kept: list[Row] = []
    for part in list_batches.split_growing(list(begun.items()), page["most"] if outcomes is None else _TOGETHER):
        rows = _list_begun(session, unasked, found, dict(part), {**page, "most": len(part)})
        kept += rows if outcomes is None else [row for row in rows if _status_of_row(row) in outcomes]
        if len(kept) >= page["most"]:
            break
    return kept[: page["most"]]


def _split_newest_first(session: Session, ids: Sequence[UUID], page: Mapping[str, Any]) -> Iterator[list[UUID]]:
    placed = session.table(Query.RUNS_PLACED, ids=ids, as_of=page["as_of"], **session.stretch(ids).bounds)
    return list_batches.split_newest_first(placed, page["before_ns"], _AT_ONCE)


def _filter_by_workflow(records: Sequence[Row], workflow: str | None) -> Sequence[Row]:
    if workflow is None:
        return records
    meant = {
        run_id for run_id, said in _group_by_run(records).items() if (first_value(said, "workflow") or "") == workflow
    }
    return [row for row in records if row["run_id"] in meant]


def _status_of_row(row: Row) -> str:
    return "undoing" if row["is_undoing"] else row["outcome"] or "running"


def _read_records(session: Session, ids: Sequence[UUID]) -> list[Row]:
    return session.rows(Query.RUNS_RECORDS, ids=ids, shown=True, **session.stretch(ids).bounds)


def _list_begun(
    session: Session,
    unasked: Mapping[str, object],
    found: Sequence[Row],
    begun: Mapping[UUID, int],
    page: Mapping[str, Any],
) -> list[Row]:
    """Returns the rows of the runs that began at some times, by all that their records say."""
    listed = list(begun)
    stored = session.stretch(listed).bounds
    tried = session.rows(Query.RUNS_TRIES, ids=listed, most=MOST_TRIES + 1, **stored) if listed else []
    if len(tried) > MOST_TRIES:
        return session.rows(Query.RUNS_LIST, among=listed, is_found=False, **stored, **page, **unasked)
    records = [row for row in found if row["run_id"] in begun]
    return _build_rows(begun, records, markers.drop_arrived_markers(session, tried))


def _find_begun(records: Iterable[Row], page: Mapping[str, Any]) -> dict[UUID, int]:
    """Returns when those runs began that are on a page, by what was stored when its first one was asked for."""
    starts: dict[UUID, int] = {}
    for row in records:
        if row["stored_us"] is not None and row["stored_us"] <= page["as_of"]:
            starts[row["run_id"]] = min(row["start_ns"], starts.get(row["run_id"], row["start_ns"]))
    place = (page["before_ns"], page["before_id"])
    within = [
        (start_ns, run_id)
        for run_id, start_ns in starts.items()
        if page["first_ns"] <= start_ns < page["end_ns"] and (start_ns, run_id) < place
    ]
    return {run_id: start_ns for start_ns, run_id in sorted(within, reverse=True)[: page["most"]]}


def _build_rows(begun: Mapping[UUID, int], records: Sequence[Row], tried: Sequence[Row]) -> list[Row]:
    lived, said = lives.build_lives(records, tried), _group_by_run(records)
    undoing = _find_undoing_runs(records, tried)
    steps: dict[UUID, list[WorkAttempts]] = defaultdict(list)
    for each in tries.group_attempts(tried).values():
        if each.run_id is not None:
            steps[each.run_id].append(each)
    return [
        _describe_run(said[run_id], lived[run_id])
        | _count_steps(steps[run_id], lived[run_id])
        | {"listed_ns": listed_ns, "is_undoing": run_id in undoing}
        for run_id, listed_ns in begun.items()
    ]


def _group_by_run(records: Iterable[Row]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in records:
        found[row["run_id"]].append(row)
    return found


def _describe_run(records: Sequence[Row], life: Life) -> Row:
    accepting = [row for row in records if row["outcome"] is None]
    return {
        "run_id": life.run_id,
        "workflow": first_value(records, "workflow") or "",
        "service": first_value([*accepting, *records], "service"),
        "version": first_value(records, "version"),
        "subject": first_value(records, "subject"),
        "correlation_id": first_value(records, "correlation_id"),
        "input_keys": first_value(records, "input_keys") or [],
        "start_ns": life.start_ns,
        "life": life.life,
        "begun_ns": life.begun_ns,
        "outcome": life.outcome,
        "end_ns": life.end_ns,
    }


def _count_steps(steps: Sequence[WorkAttempts], life: Life) -> Row:
    return {
        "steps": len(steps),
        "failed_steps": sum(tries.decide_outcome(each, life) == StepOutcome.FAILED for each in steps),
        "retries": sum(max(each.attempts - 1, 0) for each in steps),
    }


def _find_undoing_runs(records: Iterable[Row], tried: Iterable[Row]) -> set[UUID]:
    """Returns the runs whose steps are being undone: an undo that hangs below no end of its run that is known is of a
    life that goes on; one that has only begun counts where no end is known at all: its worker may be gone."""
    ends: dict[UUID, set[int]] = defaultdict(set)
    for row in records:
        if row["outcome"] is not None:
            ends[row["run_id"]].add(row["span_id"])
    return {
        row["run_id"]
        for row in tried
        if (row["step_place"] or "").startswith("~")
        and not (ends[row["run_id"]] if row["running"] else row["parent_span_id"] in ends[row["run_id"]])
    }
