"""The overview: the window in numbers, the bus at this moment, and what is wrong."""

from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from collector.alerts.bus import picture
from collector.api.params import End, Start
from collector.api.services import Services
from collector.models import Overview
from collector.questions import overview
from collector.questions.overview import BusPicture
from collector.questions.windows import choose
from runtime.semconv import NodeKind

_KINDS: Final = tuple(kind for kind in NodeKind if kind != NodeKind.SPAN)


def router(services: Services) -> APIRouter:
    """Returns the routes of the overview."""
    routes = APIRouter(prefix="/api/overview", tags=["overview"])

    @routes.get("")
    async def one(start: Start = None, end: End = None) -> Overview:
        """Whether anything is wrong now. Answers also while the bus is away, and says so."""
        bus = await picture(services.operations, services.watch)
        return await run_in_threadpool(_one, services, start, end, bus)

    return routes


def _one(services: Services, start: datetime | None, end: datetime | None, bus: BusPicture) -> Overview:
    with services.database.reading() as session:
        answer = overview.one(session, choose(session, start, end, datetime.now(UTC), _KINDS), bus)
    return answer.model_copy(update={"alerts_firing": services.alerts.firing})
