"""What operators do to budgets."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from runtime.budgets.account import Account, Parked, ParkedUnder
from runtime.budgets.budget import Budget
from runtime.budgets.contract import Accounts
from runtime.bus.contract import Bus
from runtime.dead_letters.groups import GroupRetirement
from runtime.errors import BudgetNotFoundError, QueryError
from runtime.runs.parked_work import wake_parked_work
from runtime.runs.registry import FoundRun, RunRegistry

#: Budgets over each other that are looked at.
_DEEPEST: Final = 64
#: That are looked through for what a retired group has left parked: those that something waits for the longest.
_MOST: Final = 10_000


class BudgetOperations:
    """Finds budgets, raises and cancels them. Args: the `accounts`, `runs` and `bus` of a server."""

    def __init__(self, accounts: Accounts, runs: RunRegistry, bus: Bus) -> None:
        self._accounts = accounts
        self._runs = runs
        self._bus = bus

    async def budgets(self, limit: int = 100) -> list[Account]:
        """The budgets that were declared last, newest first, with what waits for them."""
        return await self._accounts.list_newest(limit)

    async def spent_budgets(self, limit: int = 100) -> list[Account]:
        """The budgets under which something is parked, those first that are so the longest."""
        return await self._accounts.list_spent(limit)

    async def budget(self, id: UUID) -> Account:  # noqa: A002 - the record's own word
        """A budget as it stands.

        Args:
            id: of the run or event that it was declared with.

        Raises:
            BudgetNotFoundError: there is none.
        """
        found = await self._accounts.get(id)
        if found is None:
            raise _budget_not_found(id)
        return found

    async def find_parked_steps(self, run: FoundRun) -> list[ParkedUnder]:
        """Steps of a run that wait for a budget over it, the longest first."""
        found: list[ParkedUnder] = []
        budget = run.record.budget
        for _ in range(_DEEPEST):
            account = None if budget is None else await self._accounts.get(budget)
            if account is None:
                break
            mine = f"{run.record.id}|"
            found += [ParkedUnder(account, work) for work in account.parked if work.task.startswith(mine)]
            budget = account.parent
        return sorted(found, key=lambda one: one.work.since_ms)

    async def raise_budget(self, id: UUID, more: Budget, operator: str) -> int:  # noqa: A002 - the record's own word
        """Adds to the limits that a budget has; what is parked under it asks again at once.

        Args:
            id: of the run or event that it was declared with.
            more: what is added to each limit.
            operator: who says so.

        Returns:
            How much was parked.

        Raises:
            BudgetNotFoundError: there is none.
            QueryError: it has no such limit; names those that it has.
        """
        _require_limits(await self.budget(id), more)
        return await self._wake(id, await self._accounts.raise_(id, more, operator))

    async def cancel_budget(self, id: UUID, operator: str) -> int:  # noqa: A002 - the record's own word
        """Lets nothing under a budget begin any more: parked steps fail their runs, parked deliveries go dead.

        Returns:
            How much was parked.

        Raises:
            BudgetNotFoundError: there is none.
        """
        return await self._wake(id, await self._accounts.cancel(id, operator))

    async def _unpark_retired(self, retired: GroupRetirement) -> GroupRetirement:
        """Takes deliveries to a group that was retired off the lists of what waits for a budget: a worker of its app
        would, too, but there may be none any more."""
        for account in await self._accounts.list_spent(_MOST):
            for work in account.parked:
                if (work.channel, work.group) == (retired.channel, retired.group):
                    await self._accounts.unpark(account.id, work.node)
        return retired

    async def _wake(self, id_: UUID, parked: Sequence[Parked] | None) -> int:
        if parked is None:
            raise _budget_not_found(id_)
        await wake_parked_work(parked, self._bus, self._runs.store)
        return len(parked)


def _budget_not_found(id_: UUID) -> BudgetNotFoundError:
    return BudgetNotFoundError(f"no budget was declared with the run or event {id_} on this server")


def _require_limits(account: Account, more: Budget) -> None:
    limits = account.limits
    held = {"usd": limits.micros, "tokens": limits.tokens, "hops": limits.hops, "minutes": account.ends_ms}
    strange = [name for name in more.given if held[name] is None]
    if strange:
        there = ", ".join(name for name, value in held.items() if value is not None)
        raise QueryError(
            f"budget {account.id} has no limit of {' or '.join(strange)}, and none can be added now: it bounds {there}"
        )
