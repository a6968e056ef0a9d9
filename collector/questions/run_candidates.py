"""Runs that may be asked for, where what is asked for may be few."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from collector.models import NodeStatus
from collector.questions import candidates
from collector.questions.candidates import CandidateIds
from collector.questions.run_criteria import RunCriteria
from collector.store.database import Session
from collector.store.queries import Query

#: How a run's status is written in the store.
OUTCOMES: Final = {
    NodeStatus.RUNNING: "running",
    NodeStatus.WAITING: "running",
    NodeStatus.UNDOING: "undoing",
    NodeStatus.OK: "ok",
    NodeStatus.FAILED: "failed",
    NodeStatus.CANCELLED: "cancelled",
}

#: OpenTelemetry's code of a span that failed.
ERROR: Final = 2

#: Traces that are looked through by their ids at most, 16 bytes each.
_MOST_TRACES: Final = 1_000_000

#: By what traces are found; where nothing is said, by none of these.
_NO_TRACES: Final[Mapping[str, None]] = dict.fromkeys(
    (
        "service",
        "agent",
        "step",
        "run",
        "session",
        "model",
        "outcome",
        "status_code",
        "status_of_others",
        "is_open",
        "with_tops",
        "is_distinct",
    )
)

#: Spans of others that stand so, by status.
_OF_OTHERS: Final[Mapping[NodeStatus, Mapping[str, object]]] = {
    NodeStatus.FAILED: {"outcome": "failed", "status_of_others": ERROR},
    NodeStatus.RUNNING: {"is_open": True},
    NodeStatus.WAITING: {"outcome": "waiting"},
}


@dataclass(frozen=True, slots=True)
class OwnRunCandidates:
    """Runs of ours that may be meant.

    Attributes:
        found: their ids; None for too many.
        settled: names of a filter of which nothing is left to look at, with None each.
    """

    found: CandidateIds | None
    settled: dict[str, None] = field(default_factory=dict)


def find_own_runs(session: Session, wanted: RunCriteria) -> OwnRunCandidates:
    """Returns the runs of ours that may be meant.

    Args:
        session: the snapshot to read.
        wanted: of which runs.
    """
    every: list[CandidateIds | None] = []
    if wanted.status is not None:
        every.append(_find_by_status(session, wanted.status, wanted))
    if wanted.workflow is not None:
        every.append(_find_by_name(session, workflow=wanted.workflow))
    if wanted.app is not None:
        every.append(_find_by_name(session, app=wanted.app))
    told = {name: _find_by_trace_text(session, name, text) for name, text in _list_trace_filters(wanted)}
    settled = dict.fromkeys(name for name, found in told.items() if found is not None)
    return OwnRunCandidates(candidates.intersect_candidates([*every, *told.values()]), settled)


def find_own_runs_beside(session: Session, wanted: RunCriteria) -> OwnRunCandidates:
    """Returns the same where what is said in traces is said in many: few of these may have runs of ours.

    Args:
        session: the snapshot to read.
        wanted: of which runs.
    """
    told = {
        name: candidates.find_candidates(session, Query.CLUES_RUNS_BESIDE, **{"agent": None, "model": None, name: text})
        for name, text in _list_trace_filters(wanted)
        if name != "session"
    }
    return OwnRunCandidates(
        candidates.intersect_candidates(list(told.values())),
        dict.fromkeys(name for name in told if told[name] is not None),
    )


def find_traces_of_others(session: Session, wanted: RunCriteria, *, with_tops: bool = False) -> CandidateIds | None:
    """Returns the traces in which runs of others may be meant; None for too many.

    Args:
        session: the snapshot to read.
        wanted: of which runs.
        with_tops: whether those are left out in which no run of others can lie, which takes longer.
    """
    every: list[CandidateIds | None] = []
    if (said := _OF_OTHERS.get(wanted.status) if wanted.status else None) is not None:
        every.append(find_traces(session, **said))
    if wanted.workflow is not None:
        every.append(find_traces(session, run=wanted.workflow))
    every += [find_traces(session, **said, with_tops=with_tops) for said in _list_parts(wanted)]
    if wanted.session is not None:
        every.append(find_traces(session, session=wanted.session))
    return candidates.intersect_candidates(every)


def find_every_trace(session: Session, wanted: RunCriteria) -> CandidateIds | None:
    """Returns all traces in which an agent, a model and a service have a part, as far as these are asked for, however
    many; None for too many, and where none is asked for.

    Args:
        session: the snapshot to read.
        wanted: of which runs.
    """
    every: pa.Table | None = None
    for said in _list_parts(wanted):
        asked = {**_NO_TRACES, **said, "is_distinct": True}
        found = session.table(Query.CLUES_TRACES, most=_MOST_TRACES + 1, **asked)
        if found.num_rows > _MOST_TRACES:
            continue  # where another is asked for, few of these may be meant
        every = found if every is None else every.filter(pc.is_in(every.column("id"), value_set=found.column("id")))
    return None if every is None else CandidateIds(every)


def find_traces(session: Session, /, **said: object) -> CandidateIds | None:
    """Returns the traces of which a span says something; None for too many.

    Args:
        session: the snapshot to read.
        said: one of what it may say, by column.
    """
    return candidates.find_candidates(session, Query.CLUES_TRACES, **{**_NO_TRACES, **said})


def _list_parts(wanted: RunCriteria) -> list[dict[str, str]]:
    """Returns who is to have a part in a run, as `clues/traces.sql` takes each."""
    said: list[dict[str, str]] = []
    if wanted.model is not None:
        said.append({"model": wanted.model})
    if wanted.agent is not None:  # where nobody says whose work it is, it is its service's
        said.append(dict.fromkeys(("agent", "step", "service"), wanted.agent))
    if wanted.app is not None:
        said.append({"service": wanted.app})
    return said


def _find_by_status(session: Session, status: NodeStatus, wanted: RunCriteria) -> CandidateIds | None:
    if status == NodeStatus.WAITING:
        return CandidateIds.from_ids(wanted.waiting)
    if status == NodeStatus.RUNNING:
        return candidates.find_candidates(session, Query.CLUES_RUNS_GOING_ON)
    if status == NodeStatus.UNDOING:
        return candidates.find_candidates(session, Query.CLUES_RUNS_UNDOING)
    return _find_by_name(session, outcome=OUTCOMES.get(status, ""))


def _find_by_name(session: Session, **said: str) -> CandidateIds | None:
    return candidates.find_candidates(
        session, Query.CLUES_RUNS, **{"workflow": None, "app": None, "outcome": None, **said}
    )


def _list_trace_filters(wanted: RunCriteria) -> list[tuple[str, str]]:
    said = {"agent": wanted.agent, "model": wanted.model, "session": wanted.session}
    return [(name, text) for name, text in said.items() if text is not None]


def _find_by_trace_text(session: Session, name: str, text: str) -> CandidateIds | None:
    """Returns the runs in whose traces somebody says so, or that are of a session: no others are meant."""
    found = find_traces(session, **{name: text})
    if name == "session":
        return candidates.follow_candidates(session, found, Query.CLUES_RUNS_OF_SESSION, session=text)
    return candidates.follow_candidates(session, found, Query.CLUES_RUNS_OF_TRACES)
