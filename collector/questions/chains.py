"""How far down its chain each scored step or delivery is, how much it was given, and how much its models read."""

from typing import Final

import pyarrow as pa

from collector.questions.windows import Range
from collector.store import work_in_range
from collector.store.database import Row, Session
from collector.store.queries import Query

#: Ties that are followed up from a node; what is farther down counts as if its chain began there.
FARTHEST: Final = 400
#: Spans of others within spans of others, below a step or handler, that are looked into for calls of models.
DEEPEST: Final = 20

#: Ties that are followed one by one, each in the stretch in which it was stored. The few ways that are longer are
#: followed through all that belongs together, which is read for them.
_ONE_BY_ONE: Final = 32


def count_scored_nodes(session: Session, within: Range) -> list[Row]:
    """Returns how many of the scored nodes that began in a range are right, under each score, by chain, by depth in
    it, and by context.

    Args:
        session: the snapshot to read.
        within: the range.
    """
    session.run(Query.DEPTHS_SCORED, **work_in_range.stage_work_in_range(session, within.first_ns, within.end_ns))
    # To look for when the nodes were stored takes as long as reading what was since the range began.
    session.run(Query.DEPTHS_TOLD, first_ns=within.first_ns)
    session.run(Query.DEPTHS_CLIMBS)
    _climb_to_first_causes(session)
    events = session.stretch_of_ids(_query_ids(session, "of_events")).bounds_of("events")
    traces = session.stretch_of_ids(_query_ids(session, "of_traces")).bounds_of("traces")
    return session.rows(Query.DEPTHS_COUNTED, deepest=DEEPEST, **events, **traces)


def _climb_to_first_causes(session: Session) -> None:
    """Goes up from each node to its first cause."""
    for _ in range(_ONE_BY_ONE):
        causes = _query_ids(session, "of_causes")
        if not causes.num_rows:
            return
        session.run(Query.DEPTHS_CLIMB, **session.stretch_of_ids(causes).bounds)
    session.run(Query.DEPTHS_CLIMB_ON, farthest=FARTHEST - _ONE_BY_ONE - 1)


def _query_ids(session: Session, which: str) -> pa.Table:
    return session.table(Query.DEPTHS_IDS, **dict.fromkeys(("of_causes", "of_events", "of_traces")) | {which: True})
