"""Breakers that work shares, and what operators do with them."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.concurrency import run_in_threadpool

from collector.api.conditional_requests import Known
from collector.api.operator import Who
from collector.api.params import Within
from collector.api.services import Services
from collector.models import Breaker, BreakerAnswer, BreakerList, BreakerRequest, Outage
from collector.operations import breaker_models
from collector.operations.contract import Operations
from collector.operations.redaction import redact_answer
from collector.questions import outages
from collector.questions.windows import Period, RecordScope, choose_window
from runtime.admin import BreakerRecord

_Name = Annotated[str, Path(description="The breaker's name, as it is declared", max_length=128)]

#: Spans of others say nothing of breakers.
_ABOUT = RecordScope()


def router(services: Services) -> APIRouter:
    """Returns the routes of breakers."""
    routes = APIRouter(prefix="/api/breakers", tags=["bus"])

    @routes.get("")
    async def find(within: Within, known: Known) -> BreakerList:
        """All breakers that are declared, or were asked, those first that are not closed; and the outages of the time
        range that are over."""
        async with services.operations.use() as operations:
            entries = await operations.breakers()
        items = breaker_models.sort_worst_first(
            [_to_model(entry).model_copy(update={"changes": []}) for entry in entries]
        )
        over = await run_in_threadpool(_find_outages, within)
        known.require_changed_answer([items, over])
        return BreakerList(items=items, outages=over, at=datetime.now(UTC))

    @routes.get("/{name:path}")
    async def one(name: _Name, known: Known) -> Breaker:
        """One breaker, with what waits for it and how it opened and closed before."""
        async with services.operations.use() as operations:
            found = _to_model(await operations.breaker(name))
        known.require_changed_answer(found)
        return found

    @routes.post("/open")
    async def open_(request: BreakerRequest, who: Who) -> BreakerAnswer:
        """Opens a breaker for its cool-down: what it guards is deferred, then one attempt is let through."""
        operator = who.resolve_name(request.operator)
        async with services.operations.use() as operations:
            await operations.open_breaker(request.name, operator, request.reason)
            return await _make_answer(operations, request.name)

    @routes.post("/hold")
    async def hold(request: BreakerRequest, who: Who) -> BreakerAnswer:
        """Keeps a breaker open until somebody closes it: nothing that it guards begins."""
        operator = who.resolve_name(request.operator)
        async with services.operations.use() as operations:
            await operations.hold_breaker(request.name, operator, request.reason)
            return await _make_answer(operations, request.name)

    @routes.post("/close")
    async def close(request: BreakerRequest, who: Who) -> BreakerAnswer:
        """Closes a breaker: what waits for it comes back in waves."""
        operator = who.resolve_name(request.operator)
        async with services.operations.use() as operations:
            changed = await operations.close_breaker(request.name, operator, request.reason)
            return await _make_answer(operations, request.name, changed=changed)

    def _to_model(entry: BreakerRecord) -> Breaker:
        return redact_answer(breaker_models.build_breaker(entry), services.redactor)

    async def _make_answer(operations: Operations, name: str, *, changed: bool = True) -> BreakerAnswer:
        return BreakerAnswer(breaker=_to_model(await operations.breaker(name)), changed=changed)

    def _find_outages(within: Period) -> list[Outage]:
        with services.database.reading() as session:
            return outages.find_outages(session, choose_window(session, within, datetime.now(UTC), _ABOUT))

    return routes
