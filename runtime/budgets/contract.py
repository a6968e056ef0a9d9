"""What accounts of budgets promise to the engine, whatever keeps them.

- An account is opened once. What is charged to it is charged to those over it, all or none.
- A node is one hop of an account, however often it is tried.
- What a call may cost is reserved before it is made, and never more than is left; a reservation whose caller is gone
  stays, as the call may have been made.
- Work that may not begin is parked, known by its node, until the account is raised or cancelled.

Every method raises `ServerUnavailableError` when the server can't answer now.
"""

from typing import Protocol
from uuid import UUID

from runtime.budgets.account import Account, BudgetVerdict, Parked
from runtime.budgets.budget import Budget
from runtime.budgets.usage import Usage
from runtime.bus.records import AuditRecord


class Accounts(Protocol):
    """Accounts of all budgets on a server."""

    async def open(self, id_: UUID, budget: Budget, app: str, what: str, parent: UUID | None) -> None:
        """Opens an account under the id of the run or event that its budget was declared with."""
        ...

    async def withdraw(self, id_: UUID) -> None:
        """Removes an account that nothing was charged to yet."""
        ...

    async def admit(self, id_: UUID, work: Parked) -> BudgetVerdict:
        """Whether work may begin; it is parked where it may not.

        Work whose call did not fit may not until that fits, but for a try an hour, as its code may need less by now; it
        has been parked since it was first until then.
        """
        ...

    async def reserve(self, id_: UUID, call: str, usage: Usage, work: Parked) -> BudgetVerdict:
        """Reserves what a call of some work may cost; the work is parked where that is more than is left, and stays so
        until it is admitted anew: another of its calls that go on at once may fit.

        Raises:
            DefinitionError: the usage names a model that has no price.
        """
        ...

    async def settle(self, id_: UUID, call: str, usage: Usage) -> None:
        """Charges what a call has cost, in place of what was reserved for it; with an empty `call` as it is."""
        ...

    async def get(self, id_: UUID) -> Account | None:
        """An account as it stands."""
        ...

    async def list_newest(self, limit: int) -> list[Account]:
        """The accounts that were opened last, newest first."""
        ...

    async def list_spent(self, limit: int) -> list[Account]:
        """The accounts that something is parked under, those first that are so the longest."""
        ...

    async def raise_(self, id_: UUID, more: Budget, operator: str) -> list[Parked] | None:
        """Adds to the limits that an account has; what was parked, to be asked anew. None when there is none."""
        ...

    async def unpark(self, id_: UUID, node: UUID) -> None:
        """Takes work off the list of what is parked under an account, which is not to be done any more."""
        ...

    async def is_parked(self, id_: UUID, node: UUID) -> bool:
        """Whether work waits for an account: it does not where that was raised or cancelled meanwhile."""
        ...

    async def forget(self, older_than_ms: int, limit: int) -> int:
        """Removes accounts that nobody has asked or charged for so long, and that nothing waits for; how many."""
        ...

    async def audit(self, until_ms: int | None, limit: int) -> list[tuple[str, AuditRecord]]:
        """What operators did until a time (None: until now), newest first, each under a key of its own."""
        ...

    async def forget_audit(self, older_than_ms: int) -> None:
        """Forgets what operators did before."""
        ...

    async def cancel(self, id_: UUID, operator: str) -> list[Parked] | None:
        """Lets nothing under an account begin any more; what was parked, to be ended. None when there is none."""
        ...
