"""Who works."""

from datetime import UTC, datetime

from fastapi import APIRouter

from collector.api.conditional_requests import Known
from collector.api.params import PAGE_LIMIT, Cursor, Limit, OfApp
from collector.api.services import Services
from collector.models import WorkerList
from collector.operations import work_models
from collector.questions import backlog


def router(services: Services) -> APIRouter:
    """Returns the route of workers."""
    routes = APIRouter(prefix="/api/workers", tags=["bus"])

    @routes.get("")
    async def find(known: Known, app: OfApp = None, limit: Limit = PAGE_LIMIT, cursor: Cursor = None) -> WorkerList:
        """Workers and cells that are known, and what the runs of each app owe, now."""
        async with services.operations.use() as operations:
            workers = await operations.workers()
            apps = await services.watch.read_apps(operations, workers)
        found = [work_models.build_worker(entry) for entry in workers if app in (None, entry.app)]
        items, following = backlog.page_workers(found, limit, cursor)
        owed = [entry for entry in apps if app in (None, entry.app)]
        known.require_changed_answer([items, owed, following])
        return WorkerList(items=items, apps=owed, next=following, at=datetime.now(UTC))

    return routes
