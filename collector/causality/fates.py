"""How work and runs stand, by what is stored. The records of a node alone don't tell: its dead letter, or the end of
its run, may have the last word."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from collector.store.database import Row, Session
from collector.store.queries import Query
from runtime.semconv import NodeKind, StepOutcome

#: Kinds of nodes that are attempted, and so may be left without an end.
WORK: Final = frozenset({NodeKind.STEP, NodeKind.DELIVERY})

#: Stands for the outcome of an attempt that has ended although nothing says how.
UNRECORDED: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Fate:
    """How a node stands.

    Attributes:
        outcome: of work, as `fate_of` has it; of a run, of its latest life; None where that is not known.
        running: whether it is known to go on.
        cut_ns: of work whose last attempt never told its end: when that was settled by others.
        life: of a run: how often it was resumed, and one.
        begun_ns: of a run: when its latest life began.
        end_ns: of a run: when that ended.
    """

    outcome: str | None
    running: bool
    cut_ns: int | None = None
    life: int = 1
    begun_ns: int | None = None
    end_ns: int | None = None

    @property
    def of_a_cut_attempt(self) -> str:
        """The outcome of an attempt that never told its end, and that goes on no more."""
        if self.outcome == StepOutcome.CANCELLED:
            return StepOutcome.CANCELLED
        return UNRECORDED if self.outcome is None else StepOutcome.LOST


#: How a node stands of which nothing is known.
NOTHING: Final = Fate(None, running=False)


def of_all(session: Session, records: Iterable[Row]) -> dict[UUID, Fate]:
    """Returns how the work and the runs stand that records speak of."""
    runs: set[UUID] = set()
    work: set[UUID] = set()
    for record in records:
        if record["node_kind"] == NodeKind.RUN:
            runs.add(record["node_id"])
        elif record["node_kind"] in WORK:
            work.add(record["node_id"])
    return of_work(session, work) | of_runs(session, runs)


def of_work(session: Session, ids: Iterable[UUID]) -> dict[UUID, Fate]:
    """Returns how some steps and deliveries stand."""
    wanted = sorted(ids)
    if not wanted:
        return {}
    stored = session.stretch(wanted).bounds
    runs = session.stretch(row["run_id"] for row in session.rows(Query.WORK_RUNS, ids=wanted, **stored))
    rows = session.rows(Query.WORK_FATES, ids=wanted, **stored, **runs.bounds_of("runs"))
    return {row["node_id"]: Fate(row["outcome"], row["running"], row["cut_ns"]) for row in rows}


def of_runs(session: Session, ids: Iterable[UUID]) -> dict[UUID, Fate]:
    """Returns how some runs stand."""
    wanted = sorted(ids)
    rows = session.rows(Query.RUNS_FATES, ids=wanted, **session.stretch(wanted).bounds) if wanted else []
    return {
        row["run_id"]: Fate(
            row["outcome"],
            running=row["outcome"] is None,
            life=row["life"],
            begun_ns=row["begun_ns"],
            end_ns=row["end_ns"],
        )
        for row in rows
    }
