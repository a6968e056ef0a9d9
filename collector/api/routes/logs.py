"""Log records."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from collector.api.params import PAGE, Cursor, Limit, Text, Within, as_id
from collector.api.services import Services
from collector.models import LogPage, SeverityName
from collector.models.base import NAME_LIMIT
from collector.questions import log_records
from collector.questions.log_records import LogCriteria
from collector.questions.paging import PagePosition

OfProgram = Annotated[str | None, Query(max_length=NAME_LIMIT, description="Written by this service only")]
Least = Annotated[SeverityName | None, Query(description="Of this severity at least")]
OfTrace = Annotated[str | None, Query(max_length=500, description="Of this trace only, by its id in any form")]
OfSpan = Annotated[str | None, Query(max_length=500, description="Of this span only, by its id in any form")]
OfNode = Annotated[
    str | None, Query(max_length=500, description="Of this node only, and of spans of other programs below it")
]
Loose = Annotated[bool, Query(description="Only those that name no span")]


def router(services: Services) -> APIRouter:
    """Returns the route of log records."""
    routes = APIRouter(prefix="/api/logs", tags=["logs"])

    @routes.get("")
    def find(
        within: Within,
        *,
        service: OfProgram = None,
        severity: Least = None,
        trace_id: OfTrace = None,
        span_id: OfSpan = None,
        node_id: OfNode = None,
        loose: Loose = False,
        q: Text = None,
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> LogPage:
        """Log records, newest first, of spans and of none. With a filter or a search, and without a time range, those
        of all time. With a search a page may hold fewer entries and still have a `next`."""
        node = None if node_id is None else as_id("node", node_id)
        which = LogCriteria(service, severity, trace_id, span_id, node, loose, q or None)
        with services.database.reading() as session:
            place = PagePosition.read(cursor) or PagePosition(
                log_records.choose_range(session, within, datetime.now(UTC), which)
            )
            return log_records.find_log_records(session, place, which, limit)

    return routes
