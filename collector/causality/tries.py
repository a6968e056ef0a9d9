"""Steps and deliveries as their own records tell of them: of each, its attempts together. Pure.

The same as `tried_where` and `fate_of` of `store/ddl/views/work.sql`, for the few nodes that a page, a picture or a
panel shows: to have the database plan these takes several times as long as to read the attempts as they are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from collector.causality import status
from collector.causality.lives import Life
from collector.store.database import Row
from runtime.semconv import DeliveryOutcome, RunOutcome, StepOutcome

#: Attempts of one round, at most: the order of attempts is that of rounds first.
_ROUND: Final = 1_000_000

#: Outcomes of attempts that decide nothing: one no longer owned the work, the other found it done.
_UNDECIDED: Final = frozenset({StepOutcome.STALE, DeliveryOutcome.DUPLICATE})

#: Outcomes that a step keeps whatever its run's end says.
_FINAL: Final = frozenset(
    {StepOutcome.OK, StepOutcome.FAILED, StepOutcome.SKIPPED, StepOutcome.MOVED, StepOutcome.GATHERED}
)

#: How runs end that take what has not ended with them.
_CUTTING: Final = frozenset({RunOutcome.FAILED, RunOutcome.CANCELLED})


@dataclass(frozen=True, slots=True)
class WorkAttempts:
    """The attempts at one step or delivery.

    Attributes:
        node_id: its node.
        kind: `step` or `delivery`.
        step: the step's or the group's name.
        place: where in a fan-out or a round a step is.
        run_id, event_id: of which run, of which event.
        round: of a delivery; 0 for the first.
        service: which made the last attempt that says so.
        attempts: how many were made.
        outcome: of the last attempt that decides; where none does, of the last that ended.
        is_open: whether the last attempt is known by a marker alone.
    """

    node_id: UUID
    kind: str
    step: str
    place: str | None
    run_id: UUID | None
    event_id: UUID | None
    round: int
    service: str | None
    attempts: int
    outcome: str | None
    is_open: bool


def group_attempts(records: Iterable[Row]) -> dict[UUID, WorkAttempts]:
    """Returns the attempts of each node together.

    Args:
        records: of `work_records`, all those of a node or none.
    """
    by_node: dict[UUID, list[Row]] = {}
    for record in records:
        by_node.setdefault(record["node_id"], []).append(record)
    return {node_id: _combine_records(node_id, rows) for node_id, rows in by_node.items()}


def decide_outcome(tries: WorkAttempts, life: Life | None, *, has_died: bool = False) -> str | None:
    """Returns what became of work: the last attempt that decided something does not always tell.

    Args:
        tries: as its own records tell of it.
        life: of a step, the latest life of its run, where that is known.
        has_died: whether it is a delivery that has a dead letter.
    """
    outcome = tries.outcome
    if has_died:
        return DeliveryOutcome.DEAD_LETTER
    if life is None or life.outcome is None:
        is_resumed = life is not None and life.is_resumed
        again = outcome in (StepOutcome.LOST, StepOutcome.CANCELLED) or (is_resumed and outcome == StepOutcome.FAILED)
        return StepOutcome.RETRY if again else outcome
    if outcome in _FINAL:
        return outcome
    if (tries.step, tries.place) == (life.failed_step, life.failed_place):
        return StepOutcome.FAILED
    return StepOutcome.CANCELLED if life.outcome in _CUTTING else None


def _combine_records(node_id: UUID, rows: Sequence[Row]) -> WorkAttempts:
    placed = [((row["round"] or 0) * _ROUND + (row["attempt"] or 0), row) for row in rows]
    ended = [each for each in placed if not each[1]["running"]]
    decided = [each for each in ended if each[1]["outcome"] is not None and each[1]["outcome"] not in _UNDECIDED]
    first, outcome = rows[0], _last_value(decided, "outcome")
    return WorkAttempts(
        node_id=node_id,
        kind=first["node_kind"],
        step=first_value(rows, "step") or first_value(rows, "consumer_group") or "",
        place=first_value(rows, "step_place"),
        run_id=first_value(rows, "run_id"),
        event_id=first_value(rows, "event_id"),
        round=first_value(rows, "round") or 0,
        service=_last_value(placed, "service"),
        attempts=_count_attempts(placed),
        outcome=_last_value(ended, "outcome") if outcome is None else outcome,
        is_open=_latest_place(each for each in placed if each[1]["running"]) > _latest_place(ended),
    )


def _latest_place(placed: Iterable[tuple[int, Row]]) -> int:
    return max((at for at, _ in placed), default=-1)


def _count_attempts(placed: Sequence[tuple[int, Row]]) -> int:
    """Counts the attempts made. Those of a worker that was killed left no span, but their numbers are gone; what left
    to wait, and what ran no code, is none."""
    numbers = [row["attempt"] for _, row in placed if row["attempt"] is not None]
    outcomes = [row["outcome"] for _, row in placed if row["outcome"] is not None]
    waits = StepOutcome.WAITING in outcomes
    idle = {at for at, row in placed if row["outcome"] == StepOutcome.WAITING or row["outcome"] in status.IDLE}
    made: int = max(len({at for at, _ in placed}), *numbers, 1)
    gave_up = bool(numbers) and max(numbers) == 0 and bool(outcomes)
    gave_up = gave_up and all(outcome == DeliveryOutcome.DEAD_LETTER for outcome in outcomes)
    return max(made - int(gave_up) - len(idle), int(waits))


def first_value(rows: Iterable[Row], column: str) -> Any:
    """Returns the first value of a column that is there; None where there is none."""
    return next((row[column] for row in rows if row[column] is not None), None)


def _last_value(placed: Sequence[tuple[int, Row]], column: str) -> Any:
    """Returns the value of the last place that has one; of several records of one attempt, that of the first."""
    found = [(at, row[column]) for at, row in placed if row[column] is not None]
    return max(found, key=lambda each: each[0])[1] if found else None
