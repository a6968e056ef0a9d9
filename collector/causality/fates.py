"""How work and runs stand, by what is stored. The records of a node alone don't tell: its dead letter, or the end of
its run, may have the last word."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from collector.causality import dead_letters, lives, markers, tries
from collector.causality.lives import Life
from collector.causality.tries import WorkAttempts
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
    def cut_attempt_outcome(self) -> str:
        """The outcome of an attempt that never told its end, and that goes on no more."""
        if self.outcome == StepOutcome.CANCELLED:
            return StepOutcome.CANCELLED
        return UNRECORDED if self.outcome is None else StepOutcome.LOST


#: How a node stands of which nothing is known.
NOTHING: Final = Fate(None, running=False)


def find_fates(session: Session, records: Iterable[Row]) -> dict[UUID, Fate]:
    """Returns how the work and the runs stand that records speak of."""
    runs: set[UUID] = set()
    work: set[UUID] = set()
    for record in records:
        if record["node_kind"] == NodeKind.RUN:
            runs.add(record["node_id"])
        elif record["node_kind"] in WORK:
            work.add(record["node_id"])
    tried = _read_attempts(session, work)
    lived = lives.read_lives(session, runs | {one.run_id for one in tried if one.kind == NodeKind.STEP and one.run_id})
    died = dead_letters.find_give_up_times(session, [one.node_id for one in tried if one.kind == NodeKind.DELIVERY])
    of_work = {one.node_id: _fate_of_work(one, _find_life(one, lived), died.get(one.node_id)) for one in tried}
    return of_work | {run: _fate_of_run(lived[run]) for run in runs if run in lived}


def _read_attempts(session: Session, ids: Iterable[UUID]) -> list[WorkAttempts]:
    wanted = sorted(ids)
    if not wanted:
        return []
    rows = session.rows(Query.WORK_RECORDS, ids=wanted, **session.stretch(wanted).bounds)
    return list(tries.group_attempts(markers.drop_arrived_markers(session, rows)).values())


def _find_life(one: WorkAttempts, lived: Mapping[UUID, Life]) -> Life | None:
    return lived.get(one.run_id) if one.kind == NodeKind.STEP and one.run_id is not None else None


def _fate_of_work(one: WorkAttempts, life: Life | None, died_ns: int | None) -> Fate:
    run_outcome = None if life is None else life.outcome
    ended_ns = died_ns if died_ns is not None or life is None else life.end_ns
    return Fate(
        tries.decide_outcome(one, life, has_died=died_ns is not None),
        running=one.is_open and died_ns is None and run_outcome is None,
        cut_ns=ended_ns if one.is_open else None,
    )


def _fate_of_run(life: Life) -> Fate:
    return Fate(life.outcome, running=life.outcome is None, life=life.life, begun_ns=life.begun_ns, end_ns=life.end_ns)
