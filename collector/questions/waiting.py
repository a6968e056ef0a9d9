"""Runs that may wait for an answer, as spans have it; which do, the live bus knows (`operations/waiting.py`)."""

from typing import Final
from uuid import UUID

from collector.store import materialized
from collector.store.database import Session
from collector.store.queries import Query

#: Runs that the bus is asked about at most.
CANDIDATES: Final = 500


def candidates(session: Session, most: int = CANDIDATES) -> list[UUID]:
    """Returns runs of which a step may wait for an answer, the oldest first. Of a run that is not sampled there are no
    spans, and it is not found.

    Args:
        session: the snapshot to read.
        most: how many.
    """
    rows = session.rows(Query.RUNS_WAITING, known_us=materialized.known_until(session), most=most)
    return [row["run_id"] for row in rows]
