"""What the calls within many sessions, or many runs of ours, used and cost: for lists, in one question for a page."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from collector.models import Usage
from collector.prices.price_list import PriceBook
from collector.questions import call_figures, counted_calls
from collector.questions.spending import Spending
from collector.store.database import Row, Session
from collector.store.queries import Query


@dataclass(frozen=True, slots=True)
class RunUsage:
    """What a run used.

    Attributes:
        all: with the runs of agents that it started; None where no model was called.
        own: what its own calls used, where runs that it started used some as well; else None.
    """

    all: Usage | None = None
    own: Usage | None = None

    @classmethod
    def from_parts(cls, own: Usage | None, children: Usage | None) -> "RunUsage":
        """Returns what a run used, of what its own calls did and of what all the runs did that it started."""
        both = Spending.sum_totals([each for each in (own, children) if each is not None])
        return cls(both, None if children is None else own or Usage())


def find_usage_by_session(session: Session, traces: list[UUID], prices: PriceBook) -> dict[str, Usage]:
    """Returns what the calls of each of some sessions used together; sessions without any are left out.

    Args:
        session: the snapshot to read.
        traces: theirs.
        prices: what calls cost.
    """
    rows = _query_usage(session, prices, traces, by_run=False)
    return {row["key"]: _build_usage(row) for row in rows}


def find_usage_by_run(session: Session, ids: Collection[UUID], prices: PriceBook) -> dict[UUID, RunUsage]:
    """Returns what was used within each of some runs of our runtime; those without calls are left out.

    Args:
        session: the snapshot to read.
        ids: of the runs.
        prices: what calls cost.
    """
    parts: dict[UUID, dict[bool, Usage]] = defaultdict(dict)
    for row in _query_usage(session, prices, _find_traces_of_runs(session, ids), by_run=True):
        parts[UUID(row["key"])][row["is_of_child"]] = _build_usage(row)
    return {run: RunUsage.from_parts(told.get(False), told.get(True)) for run, told in parts.items() if run in set(ids)}


def _find_traces_of_runs(session: Session, ids: Collection[UUID]) -> list[UUID]:
    if not ids:
        return []
    return [row["id"] for row in session.rows(Query.TRACES_OF_RUNS, runs=list(ids), **session.stretch(ids).bounds)]


def _query_usage(session: Session, prices: PriceBook, traces: list[UUID], *, by_run: bool) -> list[Row]:
    within = {"traces": traces, "first_ns": None, "end_ns": None, **session.stretch(traces).bounds}
    # Most runs call no model, and to plan what finds calls takes ten times as long as to look whether there are any.
    if not traces or not session.one(Query.CALLS_COUNT, **within)["calls"]:
        return []
    found = counted_calls.find_calls_of_traces(session, traces)
    call_figures.offer_calls(session, found, prices)
    rows = session.rows(Query.CALLS_USED, by_run=by_run)
    return [row for row in rows if row["key"] is not None]


def _build_usage(row: Row) -> Usage:
    return Usage(**{name: row[name] for name in Usage.model_fields})
