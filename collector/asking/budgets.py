"""Budgets over what causes set off."""

from collector.asking.base import Asking, segment
from collector.models import Budget, BudgetAnswer, BudgetList, BudgetRequest, RaiseRequest


class Budgets(Asking):
    """What is asked about budgets, and done with them."""

    def budgets(self, *, spent: bool | None = None, limit: int | None = None) -> BudgetList:
        """Returns budgets, those first that were declared last; with `spent` only those under which something is
        parked."""
        return self._api.get(BudgetList, "/api/budgets", spent="true" if spent else None, limit=limit)

    def budget(self, budget_id: str) -> Budget:
        """Returns a budget by the id of the run or event that it was declared with."""
        return self._api.get(Budget, f"/api/budgets/{segment(budget_id)}")

    def raise_budget(
        self,
        budget_id: str,
        operator: str,
        *,
        usd: float | None = None,
        tokens: int | None = None,
        hops: int | None = None,
        minutes: float | None = None,
    ) -> BudgetAnswer:
        """Adds to limits that a budget has; what is parked under it asks again."""
        request = RaiseRequest(operator=operator, usd=usd, tokens=tokens, hops=hops, minutes=minutes)
        return self._api.post(BudgetAnswer, f"/api/budgets/{segment(budget_id)}/raise", request)

    def cancel_budget(self, budget_id: str, operator: str) -> BudgetAnswer:
        """Lets nothing under a budget begin any more."""
        request = BudgetRequest(operator=operator)
        return self._api.post(BudgetAnswer, f"/api/budgets/{segment(budget_id)}/cancel", request)
