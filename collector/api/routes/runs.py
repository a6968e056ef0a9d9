"""Runs."""

from datetime import UTC, datetime

from fastapi import APIRouter

from collector.api.params import PAGE, Cursor, End, Id, Limit, Name, Start, Text, as_id
from collector.api.services import Services
from collector.models import NodeStatus, RunDetail, RunPage
from collector.questions import runs
from collector.questions.paging import Place
from collector.questions.windows import listed
from runtime.semconv import NodeKind


def router(services: Services) -> APIRouter:
    """Returns the routes of runs."""
    routes = APIRouter(prefix="/api/runs", tags=["runs"])

    @routes.get("")
    def find(
        start: Start = None,
        end: End = None,
        workflow: Name = None,
        status: NodeStatus | None = None,
        q: Text = None,
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> RunPage:
        """Runs, newest first. A search without a window looks everywhere."""
        with services.database.reading() as session:
            place = Place.read(cursor) or Place(listed(session, start, end, q, datetime.now(UTC), NodeKind.RUN))
            return runs.find(session, place, workflow=workflow, wanted=status, q=q, limit=limit)

    @routes.get("/{run_id}")
    def one(run_id: Id) -> RunDetail:
        """One run with its steps and the events that they published."""
        with services.database.reading() as session:
            return runs.one(session, as_id("run", run_id))

    return routes
