"""Runs that wait for an answer: spans say which may, the live bus which do."""

import asyncio
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from collector.models import WaitingRun
from collector.operations import to_models
from collector.operations.contract import Operations
from collector.store import materialized
from collector.store.database import Session
from collector.store.queries import Query
from runtime.admin import RunNotFoundError

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


async def of_runs(operations: Operations, ids: Iterable[UUID]) -> list[WaitingRun]:
    """Returns what some runs wait for now, the longest first.

    Args:
        operations: of the live bus.
        ids: which; those that the bus has forgotten, and that wait for nothing, are left out.
    """
    found = await asyncio.gather(*(_of_run(operations, each) for each in dict.fromkeys(ids)))
    return sorted((wait for waits in found for wait in waits), key=lambda wait: (wait.since, wait.run_id, wait.name))


async def _of_run(operations: Operations, id_: UUID) -> list[WaitingRun]:
    run = await operations.run(id_)
    if run is None or run.record.status != "running":
        return []
    try:
        return [to_models.waiting(run, wait) for wait in await operations.waits(id_)]
    except RunNotFoundError:  # forgotten since
        return []
