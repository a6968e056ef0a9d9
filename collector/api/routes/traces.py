"""Traces."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query

from collector.api.params import PAGE, Cursor, Id, Limit, OfService, Text, Within
from collector.api.services import Services
from collector.models import Trace, TracePage
from collector.questions import lookup, traces
from collector.questions.paging import PagePosition
from collector.questions.traces import TraceCriteria
from collector.questions.windows import RecordScope, choose_list_range

#: All spans are of some trace.
_ABOUT: Final = RecordScope()


def router(services: Services) -> APIRouter:
    """Returns the routes of traces."""
    routes = APIRouter(prefix="/api/traces", tags=["traces"])

    @routes.get("")
    def find(
        within: Within,
        service: OfService = None,
        status: Annotated[
            Literal["ok", "error"] | None, Query(description="`error`: a span of it failed; `ok`: none did")
        ] = None,
        q: Text = None,
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> TracePage:
        """Traces of any program, newest first, by when their first span began. With a filter or a search, and without
        a time range, those of all time."""
        wanted = TraceCriteria(service, None if status is None else status == "error", q)
        with services.database.reading() as session:
            narrowed = any(each is not None for each in (service, status, q or None))
            place = PagePosition.read(cursor) or PagePosition(
                choose_list_range(session, within, datetime.now(UTC), _ABOUT, narrowed=narrowed), session.as_of
            )
            return traces.find_traces(session, place, wanted, limit)

    @routes.get("/{trace_id:path}")
    def one(trace_id: Id) -> Trace:
        """All spans of one trace, as they were received; by its id in any form, or that of one of its spans."""
        with services.database.reading() as session:
            return lookup.answer_about_trace(session, trace_id, partial(traces.find_trace, session))

    return routes
