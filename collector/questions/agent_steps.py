"""Steps of runs of agents of others: their figures over a window, in the shape of those of our own steps."""

from typing import Final

from collector.questions.wanted import Wanted
from collector.questions.windows import Range
from collector.store.database import Row, Session
from collector.store.queries import Query

#: The table of their attempts, which the queries `steps/others_*.sql` read.
_TRIED: Final = "tried"


def figures(
    session: Session, within: Range, *, workflow: str | None, step: str | None, **more: str | None
) -> list[Row]:
    """Returns the figures of steps, as `steps/others_figures.sql` has them. Further queries of the session can read
    their attempts.

    Args:
        session: the snapshot to read.
        within: when they began.
        workflow: of runs of this name only; None for all.
        step: of this name only; None for all.
        more: `app`, `agent`, `model` and `q`, as `Which` has them.
    """
    if not session.one(Query.STEPS_OTHERS_ANY, first_ns=within.first_ns, end_ns=within.end_ns)["has_any"]:
        return []  # to plan what follows costs more than to look
    tried = session.table(
        Query.STEPS_OTHERS,
        first_ns=within.first_ns,
        end_ns=within.end_ns,
        workflow=workflow,
        step=step,
        app=more.get("app"),
        agent=more.get("agent"),
        model=more.get("model"),
        **Wanted.read(more.get("q")).words,
    )
    if not tried.num_rows:
        return []
    session.offer(_TRIED, tried)
    return session.rows(Query.STEPS_OTHERS_FIGURES)


def have_trouble(session: Session, within: Range) -> bool:
    """Returns whether one may have failed or been scored: what costs little to know before figures are asked for."""
    return bool(session.one(Query.STEPS_OTHERS_TROUBLE, first_ns=within.first_ns, end_ns=within.end_ns)["has_trouble"])
