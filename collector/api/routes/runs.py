"""Runs."""

from datetime import UTC, datetime

from fastapi import APIRouter

from collector.api.models import NodeStatus, RunDetail, RunPage
from collector.api.params import PAGE, Cursor, End, Id, Limit, Name, Start, Text, as_id
from collector.api.services import Services
from collector.questions import runs
from collector.questions.windows import Range, choose
from runtime.semconv import NodeKind


def router(services: Services) -> APIRouter:
    """The routes."""
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
            everywhere = bool(q) and start is None and end is None
            within = (
                Range.everything()
                if everywhere
                else Range.of(choose(session, start, end, datetime.now(UTC), [NodeKind.RUN]))
            )
            return runs.find(session, within, workflow=workflow, wanted=status, q=q, limit=limit, cursor=cursor)

    @routes.get("/{run_id}")
    def one(run_id: Id) -> RunDetail:
        """One run with its steps and the events that they published."""
        with services.database.reading() as session:
            return runs.one(session, as_id("run", run_id))

    return routes
