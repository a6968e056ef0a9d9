"""Who works."""

from fastapi import APIRouter

from collector.api.services import Services
from collector.models import WorkerList
from collector.operations import to_models


def router(services: Services) -> APIRouter:
    """Returns the route of workers."""
    routes = APIRouter(prefix="/api/workers", tags=["bus"])

    @routes.get("")
    async def find() -> WorkerList:
        """All workers and cells that are known, and what the runs of each app owe, now."""
        async with services.operations.use() as operations:
            workers = await operations.workers()
            apps = await services.watch.apps(operations, workers)
        return WorkerList(items=[to_models.worker(entry) for entry in workers], apps=apps)

    return routes
