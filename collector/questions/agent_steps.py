"""Steps of runs of agents of others: their figures over a window, in the shape of those of our own steps."""

from typing import Final

from collector.questions import agent_attempts
from collector.questions.search_text import SearchText
from collector.questions.windows import Range
from collector.store.database import Row, Session
from collector.store.queries import Query

#: The tables of attempts, of those that are asked for, and of scores of these, which `steps/others_*.sql` read.
_ATTEMPTS: Final = "attempts"
_TRIED: Final = "tried"
_JUDGED: Final = "judged"

#: Nodes and traces by which scores are read.
_MOST: Final = 100_000


def compute_figures(
    session: Session, within: Range, *, workflow: str | None, step: str | None, **more: str | None
) -> list[Row]:
    """Returns the figures of steps, as `steps/others_figures.sql` has them. Further queries of the session can read
    their attempts.

    Args:
        session: the snapshot to read.
        within: when they began.
        workflow: of runs of this name only; None for all.
        step: of this name only; None for all.
        more: `app`, `agent`, `model` and `q`, as `StepCriteria` has them.
    """
    bounds = {"first_ns": within.first_ns, "end_ns": within.end_ns}
    there = session.one(Query.STEPS_OTHERS_ANY, **bounds)
    if there["first_ns"] is None:
        return []  # to plan what follows costs more than to look
    session.register(
        _ATTEMPTS, agent_attempts.find_attempts(session, Range(there["first_ns"], there["last_ns"] + 1, None))
    )
    asked = {name: more.get(name) for name in ("app", "agent", "model")} | SearchText.parse(more.get("q")).words
    tried = session.table(Query.STEPS_OTHERS_TRIED, **bounds, workflow=workflow, step=step, **asked)
    if not tried.num_rows:
        return []
    session.register(_TRIED, tried)
    stored = session.stretch_of(Query.STEPS_OTHERS_IDS, _MOST)
    session.register(_JUDGED, session.table(Query.STEPS_OTHERS_JUDGED, **stored.bounds))
    return session.rows(Query.STEPS_OTHERS_FIGURES)


def has_trouble(session: Session, within: Range) -> bool:
    """Returns whether one may have failed or been scored: what costs little to know before figures are asked for."""
    bounds = {"first_ns": within.first_ns, "end_ns": within.end_ns}
    stored = session.stretch_of(Query.STEPS_JUDGED_TRACES, _MOST, **bounds)
    return bool(session.one(Query.STEPS_OTHERS_TROUBLE, **bounds, **stored.bounds)["has_trouble"])
