"""The live bus: what every group owes, and what the spans say about it."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool

from collector.api.conditional_requests import Known
from collector.api.params import PAGE_LIMIT, Cursor, Limit, OfApp, OfChannel, OfGroup, Text
from collector.api.services import Services
from collector.models import ChannelBacklog, ChannelList, Ledger
from collector.questions import backlog, ledger
from collector.questions.backlog import GroupCriteria


def make_group_filter(
    channel: OfChannel = None, group: OfGroup = None, app: OfApp = None, q: Text = None
) -> GroupCriteria:
    """Returns which groups a request asks for."""
    return GroupCriteria(channel, group, app, q)


Groups = Annotated[GroupCriteria, Depends(make_group_filter)]


def router(services: Services) -> APIRouter:
    """Returns the routes of the live bus."""
    routes = APIRouter(prefix="/api", tags=["bus"])

    async def read_page(
        groups: GroupCriteria, limit: int, cursor: str | None
    ) -> tuple[list[ChannelBacklog], str | None]:
        async with services.operations.use() as operations:
            channels = await services.watch.read_channels(operations)
        return backlog.page_channels(channels, groups, limit, cursor)

    def compare(channels: list[ChannelBacklog]) -> Ledger:
        with services.database.reading() as session:
            return ledger.compare_ledgers(session, channels)

    @routes.get("/channels")
    async def channels(groups: Groups, known: Known, limit: Limit = PAGE_LIMIT, cursor: Cursor = None) -> ChannelList:
        """What groups owe now, by channel and name. `limit` counts groups, and a channel may be on several pages."""
        items, following = await read_page(groups, limit, cursor)
        known.require_changed_answer([items, following])
        return ChannelList(items=items, next=following, at=datetime.now(UTC))

    @routes.get("/ledger")
    async def compared(groups: Groups, known: Known, limit: Limit = PAGE_LIMIT, cursor: Cursor = None) -> Ledger:
        """What the bus says now against what the spans say of all time, group by group."""
        items, following = await read_page(groups, limit, cursor)
        known.require_changed(items, following)
        compared = await run_in_threadpool(compare, items)
        return compared.model_copy(update={"next": following, "at": datetime.now(UTC)})

    return routes
