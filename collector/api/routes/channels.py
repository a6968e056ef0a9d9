"""The live bus: what every group owes, and what the spans say about it."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from collector.api.services import Services
from collector.models import ChannelBacklog, ChannelList, Ledger
from collector.questions import ledger


def router(services: Services) -> APIRouter:
    """Returns the routes of the live bus."""
    routes = APIRouter(prefix="/api", tags=["bus"])

    async def backlog() -> list[ChannelBacklog]:
        async with services.operations.use() as operations:
            return await services.watch.channels(operations)

    def compare(channels: list[ChannelBacklog]) -> Ledger:
        with services.database.reading() as session:
            return ledger.compare(session, channels)

    @routes.get("/channels")
    async def channels() -> ChannelList:
        """All channels and what their groups owe, now."""
        return ChannelList(items=await backlog())

    @routes.get("/ledger")
    async def compared() -> Ledger:
        """What the bus says against what the spans say, group by group."""
        return await run_in_threadpool(compare, await backlog())

    return routes
