"""What runs wait for."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from collector.api.params import ID_LIMIT, PAGE, Limit, as_id
from collector.api.services import Services
from collector.api.since import Known
from collector.models import WaitList
from collector.operations import waiting as on_the_bus
from collector.operations.redaction import clean
from collector.questions import waiting

_OfRuns = Annotated[
    str | None, Query(max_length=ID_LIMIT, description="Of these runs only: their ids, with commas between")
]


def router(services: Services) -> APIRouter:
    """Returns the route of what runs wait for."""
    routes = APIRouter(prefix="/api/waits", tags=["runs"])

    @routes.get("")
    async def find(known: Known, runs: _OfRuns = None, limit: Limit = PAGE) -> WaitList:
        """What runs wait for now, the longest first: of some runs, or of all that spans tell of."""
        ids = [as_id("run", each) for each in runs.split(",")] if runs else await run_in_threadpool(candidates)
        async with services.operations.use() as operations:
            waits = [clean(each, services.redactor) for each in await on_the_bus.of_runs(operations, ids)]
        truncated = len(waits) > limit or (not runs and len(ids) == waiting.CANDIDATES)
        known.unless_same([waits[:limit], truncated])
        return WaitList(items=waits[:limit], truncated=truncated, at=datetime.now(UTC))

    def candidates() -> list[UUID]:
        with services.database.reading() as session:
            return waiting.candidates(session)

    return routes
