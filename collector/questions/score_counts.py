"""What was scored in a time range, whenever the work was done that it is about."""

from typing import Final

from collector.questions.windows import Range
from collector.store.database import Row, Session
from collector.store.queries import Query

#: Traces, and nodes, up to which it is worth to ask when they were stored.
_MOST: Final = 100_000


def count_scores_by_step(session: Session, within: Range) -> list[Row]:
    """Returns how much of what was scored is right, by step or group and by what the score is called.

    Only what was judged is read. All spans held against all scores did not fit into memory at ten million.

    Args:
        session: the snapshot to read.
        within: when it was scored.
    """
    bounds = {"first_ns": within.first_ns, "end_ns": within.end_ns}
    stored = session.stretch_of(Query.STEPS_JUDGED_TRACES, _MOST, **bounds)
    session.run(Query.ALERTS_KEEP_JUDGED, **bounds, **stored.bounds)
    named = session.stretch_of(Query.ALERTS_JUDGED_IDS, _MOST)
    return session.rows(Query.ALERTS_ACCURACY, **named.bounds)
