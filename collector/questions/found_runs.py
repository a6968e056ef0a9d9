"""Runs that may be asked for, where what is asked for may be few."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from collector.models import NodeStatus
from collector.questions import clues
from collector.questions.clues import Found
from collector.questions.run_filter import Filter
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
    )
)

#: Spans of others that stand so, by status.
_OF_OTHERS: Final[Mapping[NodeStatus, Mapping[str, object]]] = {
    NodeStatus.FAILED: {"outcome": "failed", "status_of_others": ERROR},
    NodeStatus.RUNNING: {"is_open": True},
    NodeStatus.WAITING: {"outcome": "waiting"},
}


@dataclass(frozen=True, slots=True)
class Own:
    """Runs of ours that may be meant.

    Attributes:
        found: their ids; None for too many.
        settled: names of a filter of which nothing is left to look at, with None each.
    """

    found: Found | None
    settled: dict[str, None] = field(default_factory=dict)


def own(session: Session, wanted: Filter) -> Own:
    """Returns the runs of ours that may be meant.

    Args:
        session: the snapshot to read.
        wanted: of which runs.
    """
    every: list[Found | None] = []
    if wanted.status is not None:
        every.append(_standing(session, wanted.status, wanted))
    if wanted.workflow is not None:
        every.append(_named(session, workflow=wanted.workflow))
    if wanted.app is not None:
        every.append(_named(session, app=wanted.app))
    told = {name: _told(session, name, text) for name, text in _said_in_traces(wanted)}
    settled = dict.fromkeys(name for name, found in told.items() if found is not None)
    return Own(clues.fewest([*every, *told.values()]), settled)


def own_beside(session: Session, wanted: Filter) -> Own:
    """Returns the same where what is said in traces is said in many: few of these may have runs of ours.

    Args:
        session: the snapshot to read.
        wanted: of which runs.
    """
    told = {
        name: clues.look(session, Query.CLUES_RUNS_BESIDE, **{"agent": None, "model": None, name: text})
        for name, text in _said_in_traces(wanted)
        if name != "session"
    }
    return Own(clues.fewest(list(told.values())), dict.fromkeys(name for name in told if told[name] is not None))


def of_others(session: Session, wanted: Filter, *, with_tops: bool = False) -> Found | None:
    """Returns the traces in which runs of others may be meant; None for too many.

    Args:
        session: the snapshot to read.
        wanted: of which runs.
        with_tops: whether those are left out in which no run of others can lie, which takes longer.
    """
    every: list[Found | None] = []
    if (said := _OF_OTHERS.get(wanted.status) if wanted.status else None) is not None:
        every.append(traces(session, **said))
    if wanted.workflow is not None:
        every.append(traces(session, run=wanted.workflow))
    if wanted.app is not None:
        every.append(traces(session, service=wanted.app, with_tops=with_tops))
    if (name := wanted.agent) is not None:  # where nobody says whose work it is, it is its service's
        every.append(traces(session, agent=name, step=name, service=name, with_tops=with_tops))
    if wanted.model is not None:
        every.append(traces(session, model=wanted.model, with_tops=with_tops))
    if wanted.session is not None:
        every.append(traces(session, session=wanted.session))
    return clues.fewest(every)


def traces(session: Session, /, **said: object) -> Found | None:
    """Returns the traces of which a span says something; None for too many.

    Args:
        session: the snapshot to read.
        said: one of what it may say, by column.
    """
    return clues.look(session, Query.CLUES_TRACES, **{**_NO_TRACES, **said})


def _standing(session: Session, status: NodeStatus, wanted: Filter) -> Found | None:
    if status == NodeStatus.WAITING:
        return Found.of(wanted.waiting)
    if status == NodeStatus.RUNNING:
        return clues.look(session, Query.CLUES_RUNS_GOING_ON)
    if status == NodeStatus.UNDOING:
        return clues.look(session, Query.CLUES_RUNS_UNDOING)
    return _named(session, outcome=OUTCOMES.get(status, ""))


def _named(session: Session, **said: str) -> Found | None:
    return clues.look(session, Query.CLUES_RUNS, **{"workflow": None, "app": None, "outcome": None, **said})


def _said_in_traces(wanted: Filter) -> list[tuple[str, str]]:
    said = {"agent": wanted.agent, "model": wanted.model, "session": wanted.session}
    return [(name, text) for name, text in said.items() if text is not None]


def _told(session: Session, name: str, text: str) -> Found | None:
    """Returns the runs in whose traces somebody says so, or that are of a session: no others are meant."""
    found = traces(session, **{name: text})
    if name == "session":
        return clues.follow(session, found, Query.CLUES_RUNS_OF_SESSION, session=text)
    return clues.follow(session, found, Query.CLUES_RUNS_OF_TRACES)
