"""The budgets of a bus in memory."""

from dataclasses import replace
from uuid import UUID

from runtime.admin import Account, AuditRecord, Budget, BudgetNotFoundError, FoundRun, Parked, ParkedUnder
from runtime.budgets.account import BudgetLimits
from runtime.bus.records import AuditAction
from tests.collector.story import MS, ORIGIN_NS, uid

BEGAN_MS = ORIGIN_NS // MS


class MemoryBudgets:
    """Budgets that a test has put in, the newest last, and what operators did to them."""

    def __init__(self) -> None:
        self.accounts: dict[UUID, Account] = {}
        self.records: list[AuditRecord] = []
        self.raised: list[tuple[UUID, Budget, str]] = []

    async def ping(self) -> None:
        """Answers unless it is away."""

    def grant(self, name: str, *parked: Parked, limits: BudgetLimits | None = None, **facts: object) -> Account:
        """Adds a budget of 10 hops, all of them taken where something is parked."""
        known = {
            "parent": None,
            "app": "shop",
            "what": f"run of {name}",
            "status": "spent" if parked else "open",
            "opened_ms": BEGAN_MS,
            "ends_ms": None,
            "micros": 0,
            "tokens": 0,
            "hops": 10 if parked else 0,
        }
        account = Account(uid(name), limits=limits or BudgetLimits(hops=10), parked=parked, **(known | facts))  # type: ignore[arg-type] # as a test says them
        self.accounts[account.id] = account
        return account

    async def budgets(self, limit: int = 100) -> list[Account]:
        """What was put in."""
        await self.ping()
        return list(self.accounts.values())[::-1][:limit]

    async def spent_budgets(self, limit: int = 100) -> list[Account]:
        """Those with something parked."""
        await self.ping()
        spent = [one for one in self.accounts.values() if one.parked]
        return sorted(spent, key=lambda one: one.parked[0].since_ms)[:limit]

    async def budget(self, id: UUID) -> Account:  # noqa: A002 the contract's word
        """What was put in."""
        await self.ping()
        if id not in self.accounts:
            raise BudgetNotFoundError(f"no budget was declared with the run or event {id} on this server")
        return self.accounts[id]

    async def find_parked_steps(self, run: FoundRun) -> list[ParkedUnder]:
        """Steps of the run that were put in."""
        await self.ping()
        return [
            ParkedUnder(account, work)
            for account in self.accounts.values()
            for work in account.parked
            if work.task.startswith(f"{run.record.id}|")
        ]

    async def raise_budget(self, id: UUID, more: Budget, operator: str) -> int:  # noqa: A002 the contract's word
        """Adds hops."""
        was = await self.budget(id)
        limits = replace(was.limits, hops=(was.limits.hops or 0) + (more.hops or 0))
        self.accounts[id] = replace(was, limits=limits, parked=(), status="open")
        self.raised.append((id, more, operator))
        self._note_budget("raise_budget", was, operator)
        return len(was.parked)

    async def cancel_budget(self, id: UUID, operator: str) -> int:  # noqa: A002 the contract's word
        """Ends it."""
        was = await self.budget(id)
        self.accounts[id] = replace(was, status="cancelled", by=operator, parked=())
        self._note_budget("cancel_budget", was, operator)
        return len(was.parked)

    def _note_budget(self, action: AuditAction, one: Account, operator: str) -> None:
        about = {"app": one.app, "budget_id": one.id, "budget": one.what}
        self.records.append(AuditRecord(BEGAN_MS + 5, action, operator, **about))  # type: ignore[arg-type] # fields are given by name
