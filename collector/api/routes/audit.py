"""What operators did."""

from fastapi import APIRouter

from collector.api.params import PAGE, Cursor, Letter, Limit, OfRun
from collector.api.services import Services
from collector.errors import BadQueryError
from collector.models import AuditEntry, Page
from collector.operations import audit, to_models


def router(services: Services) -> APIRouter:
    """Returns the routes of the audit."""
    routes = APIRouter(prefix="/api/audit", tags=["audit"])

    @routes.get("")
    async def find(
        dead_letter_id: Letter = None, run_id: OfRun = None, limit: Limit = PAGE, cursor: Cursor = None
    ) -> Page[AuditEntry]:
        """What operators did to dead letters, runs and groups, newest first. Of one letter or one run, a page may hold
        fewer entries and still have a `next`."""
        if dead_letter_id is not None and run_id is not None:
            raise BadQueryError("say either dead_letter_id or run_id")
        async with services.operations.use() as operations:
            if dead_letter_id is not None:
                page = await audit.of_letter(operations, dead_letter_id, limit, cursor)
            elif run_id is not None:
                page = await audit.of_run(operations, run_id, limit, cursor)
            else:
                page = await operations.audit(limit=limit, cursor=cursor)
        return Page[AuditEntry](items=[to_models.audit(entry) for entry in page.items], next=page.next)

    return routes
