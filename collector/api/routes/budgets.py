"""Budgets over what causes set off, and what operators do with them."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from collector.api.conditional_requests import Known
from collector.api.operator import Who
from collector.api.params import PAGE, Id, Limit, as_id
from collector.api.services import Services
from collector.models import Budget, BudgetAnswer, BudgetList, BudgetRequest, RaiseRequest
from collector.operations import budget_models

_Spent = Annotated[
    bool, Query(description="Only those under which something is parked, those first that are so the longest")
]


def router(services: Services) -> APIRouter:
    """Returns the routes of budgets."""
    routes = APIRouter(prefix="/api/budgets", tags=["bus"])

    @routes.get("")
    async def find(*, known: Known, spent: _Spent = False, limit: Limit = PAGE) -> BudgetList:
        """Budgets with what is spent of them and what waits for them, those first that were declared last."""
        async with services.operations.use() as operations:
            entries = await (operations.spent_budgets(limit) if spent else operations.budgets(limit))
            over = await operations.filter_ended_runs([(entry.app, entry.id) for entry in entries if not entry.parked])
        items = [
            budget_models.build_budget(entry).model_copy(update={"is_over": entry.id in over}) for entry in entries
        ]
        known.require_changed_answer(items)
        return BudgetList(items=items, truncated=len(items) == limit, at=datetime.now(UTC))

    @routes.get("/{budget_id}")
    async def one(budget_id: Id, known: Known) -> Budget:
        """One budget, by the id of the run or event that it was declared with."""
        id_ = as_id("budget", budget_id)
        async with services.operations.use() as operations:
            found = budget_models.build_budget(await operations.budget(id_))
        known.require_changed_answer(found)
        return found

    @routes.post("/{budget_id}/raise")
    async def raise_(budget_id: Id, request: RaiseRequest, who: Who) -> BudgetAnswer:
        """Adds to limits that a budget has; what is parked under it asks again at once. 409 for one that is
        cancelled."""
        id_, operator = as_id("budget", budget_id), who.resolve_name(request.operator)
        async with services.operations.use() as operations:
            more = budget_models.compute_raise(await operations.budget(id_), request)
            parked = await operations.raise_budget(id_, more, operator)
            now = await operations.budget(id_)
        return BudgetAnswer(budget=budget_models.build_budget(now), parked=parked)

    @routes.post("/{budget_id}/cancel")
    async def cancel(budget_id: Id, request: BudgetRequest, who: Who) -> BudgetAnswer:
        """Lets nothing under a budget begin any more: parked steps fail their runs, parked deliveries go dead."""
        id_, operator = as_id("budget", budget_id), who.resolve_name(request.operator)
        async with services.operations.use() as operations:
            parked = await operations.cancel_budget(id_, operator)
            now = await operations.budget(id_)
        return BudgetAnswer(budget=budget_models.build_budget(now), parked=parked)

    return routes
