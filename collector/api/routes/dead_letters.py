"""Dead letters on the live bus: list, look at, replay, discard."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from collector.api.operator import Who
from collector.api.params import PAGE, Cursor, Id, Limit, Name, Text, as_id
from collector.api.services import Services
from collector.errors import NotFoundError
from collector.models import (
    DeadLetter,
    DeadLetterDetail,
    DeadLetterState,
    DeadLetterSummary,
    DiscardRequest,
    Page,
    ReplayRequest,
    Settlement,
    SettlementAnswer,
)
from collector.operations import matching, to_models
from runtime.admin import Settlement as Settled


def router(services: Services) -> APIRouter:
    """Returns the routes of dead letters."""
    routes = APIRouter(prefix="/api/dead-letters", tags=["dead letters"])

    @routes.get("")
    async def find(
        state: Annotated[DeadLetterState, Query()] = DeadLetterState.DEAD,
        channel: Name = None,
        group: Name = None,
        reason: Name = None,
        q: Text = None,
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> Page[DeadLetter]:
        """Dead letters of one state, newest first."""
        async with services.operations.use() as operations:
            page = await operations.dead_letters(
                state=state.value, channel=channel, group=group, reason=reason, q=q, limit=limit, cursor=cursor
            )
        return Page[DeadLetter](items=[to_models.dead_letter(letter) for letter in page.items], next=page.next)

    @routes.get("/summary")
    async def summary() -> DeadLetterSummary:
        """Letters that wait, counted by channel, group and reason."""
        async with services.operations.use() as operations:
            items = [to_models.count(entry) for entry in await operations.dead_letter_counts()]
        return DeadLetterSummary(items=items, total=sum(item.count for item in items))

    @routes.get("/{dead_letter_id}")
    async def one(dead_letter_id: Id) -> DeadLetterDetail:
        """One letter with its envelope and every attempt's error."""
        async with services.operations.use() as operations:
            letter = await operations.dead_letter(as_id("dead letter", dead_letter_id))
        if letter is None:
            raise NotFoundError("dead letter", dead_letter_id)
        return to_models.dead_letter_detail(letter)

    @routes.post("/replay")
    async def replay(request: ReplayRequest, who: Who) -> SettlementAnswer:
        """Sends letters again, to the group that failed alone: those named, or the newest of all that match a filter.
        A second request for a letter does nothing."""
        operator = who.named(request.operator)
        async with services.operations.use() as operations:
            if request.filter is None:
                asked = request.ids or []
                return _in_order(asked, await operations.replay(_ids(asked), operator))
            ids = await matching.newest(operations, request.filter, request.most)
            items = [to_models.settlement(entry) for entry in await operations.replay(ids, operator)]
            return SettlementAnswer(items=items, remaining=await matching.remaining(operations, request.filter))

    @routes.post("/discard")
    async def discard(request: DiscardRequest, who: Who) -> SettlementAnswer:
        """Gives letters up, for a reason that the audit keeps."""
        operator = who.named(request.operator)
        async with services.operations.use() as operations:
            return _in_order(request.ids, await operations.discard(_ids(request.ids), operator, request.reason))

    return routes


def _ids(texts: Sequence[str]) -> list[UUID]:
    """Returns the ids among some texts, each once; nothing can have any other text as its id."""
    return list(dict.fromkeys(id_ for text in texts if (id_ := _id(text)) is not None))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _in_order(asked: Sequence[str], settled: Sequence[Settled]) -> SettlementAnswer:
    """Returns one answer a letter, in the order asked."""
    by_id = {entry.dead_letter_id: to_models.settlement(entry) for entry in settled}
    items = []
    for text in asked:
        id_ = _id(text)
        known = by_id.get(id_) if id_ is not None else None
        items.append(known or Settlement(dead_letter_id=text, status="not_found"))
    return SettlementAnswer(items=items)
