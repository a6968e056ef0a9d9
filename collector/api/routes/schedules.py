"""Schedules, and what operators do with them."""

from datetime import UTC, datetime

from fastapi import APIRouter

from collector.api.conditional_requests import Known
from collector.api.operator import Who
from collector.api.params import PAGE_LIMIT, Cursor, Limit, OfApp
from collector.api.services import Services
from collector.models import ScheduleAnswer, ScheduleList, ScheduleRequest
from collector.operations import schedule_models
from collector.questions import backlog


def router(services: Services) -> APIRouter:
    """Returns the routes of schedules."""
    routes = APIRouter(prefix="/api/schedules", tags=["bus"])

    @routes.get("")
    async def find(known: Known, app: OfApp = None, limit: Limit = PAGE_LIMIT, cursor: Cursor = None) -> ScheduleList:
        """Schedules with their next times, what ran last, and what was skipped or missed, now."""
        async with services.operations.use() as operations:
            entries = await operations.schedules()
        found = [schedule_models.build_schedule(entry) for entry in entries if app in (None, entry.app)]
        items, following = backlog.page_schedules(found, limit, cursor)
        known.require_changed_answer([items, following])
        return ScheduleList(items=items, next=following, at=datetime.now(UTC))

    @routes.post("/pause")
    async def pause(request: ScheduleRequest, who: Who) -> ScheduleAnswer:
        """Has a schedule start nothing, but by hand."""
        operator = who.resolve_name(request.operator)
        async with services.operations.use() as operations:
            changed = await operations.pause_schedule(request.name, operator, app=request.app)
        return ScheduleAnswer(app=request.app, name=request.name, changed=changed)

    @routes.post("/unpause")
    async def unpause(request: ScheduleRequest, who: Who) -> ScheduleAnswer:
        """Lets a paused schedule go on; what was due while it was paused is dropped, and counted."""
        operator = who.resolve_name(request.operator)
        async with services.operations.use() as operations:
            unpaused = await operations.unpause_schedule(request.name, operator, app=request.app)
        return schedule_models.build_unpause_answer(request.app, request.name, unpaused)

    @routes.post("/run")
    async def run(request: ScheduleRequest, who: Who) -> ScheduleAnswer:
        """Has a schedule tick now. A run that goes on counts as for other ticks: by the schedule's `overlap` it is
        skipped, waits, or cancels that."""
        operator = who.resolve_name(request.operator)
        async with services.operations.use() as operations:
            passed = await operations.run_schedule(request.name, operator, app=request.app)
        return schedule_models.build_run_answer(request.app, request.name, passed)

    @routes.post("/remove")
    async def remove(request: ScheduleRequest, who: Who) -> ScheduleAnswer:
        """Removes a schedule that no code declares any more; its runs stay. 409 while live workers declare it."""
        operator = who.resolve_name(request.operator)
        async with services.operations.use() as operations:
            await operations.remove_schedule(request.name, operator, app=request.app)
        return ScheduleAnswer(app=request.app, name=request.name, changed=True)

    return routes
