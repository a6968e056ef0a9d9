"""Traces."""

from fastapi import APIRouter

from collector.api.params import Id, as_id
from collector.api.services import Services
from collector.models import Trace
from collector.questions import traces


def router(services: Services) -> APIRouter:
    """Returns the routes of traces."""
    routes = APIRouter(prefix="/api/traces", tags=["traces"])

    @routes.get("/{trace_id}")
    def one(trace_id: Id) -> Trace:
        """All spans of one trace, as they were received."""
        with services.database.reading() as session:
            return traces.one(session, as_id("trace", trace_id))

    return routes
