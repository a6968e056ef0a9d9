"""Traces."""

from functools import partial

from fastapi import APIRouter

from collector.api.params import Id
from collector.api.services import Services
from collector.models import Trace
from collector.questions import lookup, traces


def router(services: Services) -> APIRouter:
    """Returns the routes of traces."""
    routes = APIRouter(prefix="/api/traces", tags=["traces"])

    @routes.get("/{trace_id:path}")
    def one(trace_id: Id) -> Trace:
        """All spans of one trace, as they were received; by its id in any form, or that of one of its spans."""
        with services.database.reading() as session:
            return lookup.trace(session, trace_id, partial(traces.one, session))

    return routes
