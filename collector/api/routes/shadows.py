"""Steps beside their choreographed successors, and who does them."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from collector.api.conditional_requests import Known
from collector.api.operator import Who
from collector.api.services import Services
from collector.models import AnewRequest, ShadowedStep, ShadowList, SwitchAnswer, SwitchRequest
from collector.operations import shadow_models
from collector.operations.redaction import redact_answer

_Name = Annotated[str, Query(max_length=128, description="Its name")]
_Whose = Annotated[str, Query(max_length=128, description="Whose it is, where several have one of that name")]


def router(services: Services) -> APIRouter:
    """Returns the routes of steps with a successor."""
    routes = APIRouter(prefix="/api/shadows", tags=["bus"])

    @routes.get("")
    async def find(known: Known) -> ShadowList:
        """All steps that are declared with a successor: who does each, and how far the two agree."""
        async with services.operations.use() as operations:
            items = [
                redact_answer(shadow_models.build_shadowed_step(one), services.redactor)
                for one in await operations.shadows()
            ]
        known.require_changed_answer(items)
        return ShadowList(items=items, at=datetime.now(UTC))

    @routes.get("/one")
    async def one(step: _Name, known: Known, workflow: _Whose = "", app: _Whose = "") -> ShadowedStep:
        """One of them, with what did not agree and what operators did."""
        async with services.operations.use() as operations:
            found = redact_answer(
                shadow_models.build_shadowed_step(await operations.shadow(step, workflow, app)), services.redactor
            )
        known.require_changed_answer(found)
        return found

    @routes.post("/switch")
    async def switch(request: SwitchRequest, who: Who) -> SwitchAnswer:
        """Says who does a step from now on: attempts that begin go by it, what has begun ends as it began."""
        operator, place = who.resolve_name(request.operator), (request.workflow, request.app)
        async with services.operations.use() as operations:
            before = await operations.switch_step(request.step, request.mode, operator, request.reason, *place)
            found = shadow_models.build_shadowed_step(await operations.shadow(request.step, *place))
        return SwitchAnswer(step=redact_answer(found, services.redactor), changed=before != request.mode)

    @routes.post("/anew")
    async def anew(request: AnewRequest, who: Who) -> ShadowedStep:
        """Forgets what was compared of a step, such as when its successor was mended."""
        operator, place = who.resolve_name(request.operator), (request.workflow, request.app)
        async with services.operations.use() as operations:
            await operations.compare_anew(request.step, operator, request.reason, *place)
            found = shadow_models.build_shadowed_step(await operations.shadow(request.step, *place))
        return redact_answer(found, services.redactor)

    return routes
