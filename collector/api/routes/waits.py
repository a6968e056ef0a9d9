"""What runs wait for."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from collector.api.conditional_requests import Known
from collector.api.params import ID_LIMIT, PAGE, Limit, as_id
from collector.api.services import Services
from collector.models import WaitList
from collector.operations.redaction import redact_answer
from collector.operations.waiting import find_all_waits, find_waits_of_runs

_OfRuns = Annotated[
    str | None, Query(max_length=ID_LIMIT, description="Of these runs only: their ids, with commas between")
]


def router(services: Services) -> APIRouter:
    """Returns the route of what runs wait for."""
    routes = APIRouter(prefix="/api/waits", tags=["runs"])

    @routes.get("")
    async def find(known: Known, runs: _OfRuns = None, limit: Limit = PAGE) -> WaitList:
        """What runs wait for now, the longest first: of some runs, or of all. Read from the server, whatever became of
        the spans of what waits."""
        ids = [as_id("run", each) for each in runs.split(",")] if runs else []
        async with services.operations.use() as operations:
            found = await (find_waits_of_runs(operations, ids) if ids else find_all_waits(operations, limit + 1))
        waits = [redact_answer(each, services.redactor) for each in found]
        truncated = len(waits) > limit
        known.require_changed_answer([waits[:limit], truncated])
        return WaitList(items=waits[:limit], truncated=truncated, at=datetime.now(UTC))

    return routes
