"""Steps of workflows, and groups of channels: figures over a window."""

from datetime import UTC, datetime
from typing import Final, Literal

from fastapi import APIRouter

from collector.api.params import End, Start, Text
from collector.api.services import Services
from collector.models import StepDetail, StepList
from collector.questions import steps
from collector.questions.windows import choose
from runtime.semconv import NodeKind

_KINDS: Final = (NodeKind.STEP, NodeKind.DELIVERY)


def router(services: Services) -> APIRouter:
    """Returns the routes of steps."""
    routes = APIRouter(prefix="/api/steps", tags=["steps"])

    @routes.get("")
    def all_steps(start: Start = None, end: End = None, q: Text = None) -> StepList:
        """All steps and groups that did something in the window."""
        with services.database.reading() as session:
            window = choose(session, start, end, datetime.now(UTC), _KINDS)
            return steps.all_steps(session, window, q)

    @routes.get("/{workflow:path}/{step}")
    def one(
        workflow: str, step: str, kind: Literal["step", "delivery"] = "step", start: Start = None, end: End = None
    ) -> StepDetail:
        """One step; with `kind=delivery`, one group of the channel named in the workflow's place."""
        with services.database.reading() as session:
            window = choose(session, start, end, datetime.now(UTC), _KINDS)
            return steps.one(session, window, NodeKind(kind), workflow, step)

    return routes
