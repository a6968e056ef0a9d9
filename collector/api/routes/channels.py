"""The live bus: what every group owes, and what the spans say about it."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from collector.api.params import PAGE, Cursor, Letter, Limit
from collector.api.services import Services
from collector.models import AuditEntry, ChannelBacklog, ChannelList, Ledger, Page
from collector.operations import audit, to_models
from collector.questions import ledger


def router(services: Services) -> APIRouter:
    """Returns the routes of the live bus."""
    routes = APIRouter(prefix="/api", tags=["bus"])

    async def backlog() -> list[ChannelBacklog]:
        async with services.operations.use() as operations:
            return [to_models.channel(entry) for entry in await operations.channels()]

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

    @routes.get("/audit")
    async def audited(dead_letter_id: Letter = None, limit: Limit = PAGE, cursor: Cursor = None) -> Page[AuditEntry]:
        """What operators did, newest first; of one letter, a page may hold fewer entries and still have a `next`."""
        async with services.operations.use() as operations:
            if dead_letter_id is None:
                page = await operations.audit(limit=limit, cursor=cursor)
            else:
                page = await audit.of_letter(operations, dead_letter_id, limit, cursor)
        return Page[AuditEntry](items=[to_models.audit(entry) for entry in page.items], next=page.next)

    return routes
