"""What runs wait for, as the live bus has it."""

import asyncio
from collections.abc import Iterable
from uuid import UUID

from collector.models import WaitingRun
from collector.operations import to_models
from collector.operations.contract import Operations
from runtime.admin import RunNotFoundError


async def find_all_waits(operations: Operations, limit: int) -> list[WaitingRun]:
    """Returns what runs wait for now, the longest first.

    Args:
        operations: of the live bus.
        limit: waits, at most.
    """
    return [to_models.build_waiting_run(found.run, found.wait) for found in await operations.all_waits(limit)]


async def find_waits_of_runs(operations: Operations, ids: Iterable[UUID]) -> list[WaitingRun]:
    """Returns what some runs wait for now, the longest first.

    Args:
        operations: of the live bus.
        ids: which; those that the bus has forgotten, and that wait for nothing, are left out.
    """
    found = await asyncio.gather(*(_find_waits_of_run(operations, each) for each in dict.fromkeys(ids)))
    return sorted((wait for waits in found for wait in waits), key=lambda wait: (wait.since, wait.run_id, wait.name))


async def _find_waits_of_run(operations: Operations, id_: UUID) -> list[WaitingRun]:
    run = await operations.run(id_)
    if run is None or run.record.status != "running":
        return []
    try:
        return [to_models.build_waiting_run(run, wait) for wait in await operations.waits(id_)]
    except RunNotFoundError:  # forgotten since
        return []
