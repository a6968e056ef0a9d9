"""What operators did."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from collector.api.params import PAGE, Cursor, Letter, Limit, OfRun, Within, bounds_ms
from collector.api.services import Services
from collector.api.since import Known
from collector.errors import BadQueryError
from collector.models import AuditEntry, Page
from collector.operations import audit, to_models
from collector.operations.reading_back import Sought
from runtime.admin import AuditRecord

Action = Literal["replay", "discard", "cancel", "resume", "retire"]


def router(services: Services) -> APIRouter:
    """Returns the routes of the audit."""
    routes = APIRouter(prefix="/api/audit", tags=["audit"])

    @routes.get("")
    async def find(
        within: Within,
        known: Known,
        dead_letter_id: Letter = None,
        run_id: OfRun = None,
        action: Annotated[Action | None, Query(description="What was done only")] = None,
        operator: Annotated[str | None, Query(max_length=200, description="By whom only")] = None,
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> Page[AuditEntry]:
        """What operators did to dead letters, runs and groups, newest first; without a time range that of all time.
        Where something is looked for, a page may hold fewer entries and still have a `next`."""
        if dead_letter_id is not None and run_id is not None:
            raise BadQueryError("say either dead_letter_id or run_id")
        since_ms, until_ms = bounds_ms(within, datetime.now(UTC))

        def is_wanted(entry: AuditRecord) -> bool:
            return action in (None, entry.action) and operator in (None, entry.operator)

        narrowed = within.is_said or action is not None or operator is not None
        sought = Sought(audit.at, is_wanted, since_ms, until_ms)
        async with services.operations.use() as operations:
            if dead_letter_id is not None:
                page = await audit.of_letter(operations, dead_letter_id, limit, cursor)
            elif run_id is not None:
                page = await audit.of_run(operations, run_id, limit, cursor)
            elif narrowed:
                page = await audit.find(operations, sought, limit, cursor)
            else:
                page = await operations.audit(limit=limit, cursor=cursor)
        items = [to_models.audit(entry) for entry in page.items if sought.holds(entry)]
        answer = Page[AuditEntry](items=items, next=page.next)
        known.unless_same(answer)
        return answer

    return routes
