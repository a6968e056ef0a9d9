"""Dead letters on the live bus: list, look at, replay, discard."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from collector.api.conditional_requests import Known
from collector.api.operator import Who
from collector.api.params import PAGE, Cursor, Id, Limit, OfChannel, OfGroup, OfReason, Text, Within, as_id, bounds_ms
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
from collector.models.dead_letters import LetterFilter
from collector.operations import letter_search, to_models
from collector.operations.reading_back import EntryFilter
from collector.operations.redaction import redact_answer
from runtime.admin import Settlement as Settled


def router(services: Services) -> APIRouter:
    """Returns the routes of dead letters."""
    routes = APIRouter(prefix="/api/dead-letters", tags=["dead letters"])

    @routes.get("")
    async def find(
        within: Within,
        known: Known,
        state: Annotated[DeadLetterState, Query(description="What became of them")] = DeadLetterState.DEAD,
        channel: OfChannel = None,
        group: OfGroup = None,
        reason: OfReason = None,
        q: Text = None,
        limit: Limit = PAGE,
        cursor: Cursor = None,
    ) -> Page[DeadLetter]:
        """Dead letters of one state, newest first, by when they were given up; without a time range those of all time.
        With one, a page may hold fewer entries and still have a `next`."""
        # Not checked once more: a filter that is too long for a request to replay matches nothing here.
        wanted = LetterFilter.model_construct(channel=channel, group=group, reason=reason, q=q)
        since_ms, until_ms = bounds_ms(within, datetime.now(UTC))
        sought = EntryFilter(letter_search.get_death_ms, since_ms=since_ms, until_ms=until_ms)
        async with services.operations.use() as operations:
            page = await letter_search.find_dead_letters(operations, state.value, wanted, sought, limit, cursor)
        items = [redact_answer(to_models.build_dead_letter(letter), services.redactor) for letter in page.items]
        answer = Page[DeadLetter](items=items, next=page.next)
        known.require_changed_answer(answer)
        return answer

    @routes.get("/summary")
    async def summary(known: Known) -> DeadLetterSummary:
        """Letters that wait, counted by channel, group and reason."""
        async with services.operations.use() as operations:
            items = [to_models.build_dead_letter_count(entry) for entry in await operations.dead_letter_counts()]
        known.require_changed_answer(items)
        return DeadLetterSummary(items=items, total=sum(item.count for item in items), at=datetime.now(UTC))

    @routes.get("/{dead_letter_id}")
    async def one(dead_letter_id: Id, known: Known) -> DeadLetterDetail:
        """One letter with its envelope and every attempt's error; secrets in them are replaced, and stay in the letter
        that is replayed."""
        async with services.operations.use() as operations:
            letter = await operations.dead_letter(as_id("dead letter", dead_letter_id))
        if letter is None:
            raise NotFoundError("dead letter", dead_letter_id)
        answer = await run_in_threadpool(redact_answer, to_models.build_dead_letter_detail(letter), services.redactor)
        known.require_changed_answer(answer)
        return answer

    @routes.post("/replay")
    async def replay(request: ReplayRequest, who: Who) -> SettlementAnswer:
        """Sends letters again, to the group that failed alone: those named, or the newest of all that match a filter.
        A second request for a letter does nothing."""
        operator = who.resolve_name(request.operator)
        async with services.operations.use() as operations:
            if request.filter is None:
                asked = request.ids or []
                return _in_order(asked, await operations.replay(_ids(asked), operator))
            ids = await letter_search.find_waiting_ids(operations, request.filter, request.most)
            # Oldest first: a group that keeps an order gets them in theirs.
            settled = await operations.replay(ids[::-1], operator)
            items = [to_models.build_settlement(entry) for entry in settled[::-1]]
            return SettlementAnswer(
                items=items, remaining=await letter_search.count_waiting(operations, request.filter)
            )

    @routes.post("/discard")
    async def discard(request: DiscardRequest, who: Who) -> SettlementAnswer:
        """Gives letters up, for a reason that the audit keeps."""
        operator = who.resolve_name(request.operator)
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
    by_id = {entry.dead_letter_id: to_models.build_settlement(entry) for entry in settled}
    items = []
    for text in asked:
        id_ = _id(text)
        known = by_id.get(id_) if id_ is not None else None
        items.append(known or Settlement(dead_letter_id=text, status="not_found"))
    return SettlementAnswer(items=items)
