"""What the calls of one attempt may cost: reserved before each of them, charged after it."""

import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, NoReturn
from uuid import UUID

from runtime.budgets.account import BudgetVerdict, Parked
from runtime.budgets.usage import Usage
from runtime.definitions.calls import Suspended
from runtime.errors import AttemptStaleError, BudgetCancelledError
from runtime.runs.parked_work import wake_parked_work
from runtime.worker.limit_counter import LimitCounter
from runtime.worker.work import Equipment

#: ms after which parked work asks again by itself; whoever raises its budget has it ask at once.
_ASK_AGAIN_MS: Final = 30_000
#: Share of that by which it is spread.
_SPREAD: Final = 0.5


class Spending:
    """Asks the budgets over one attempt.

    Args:
        equipment: of the worker.
        budget: the innermost that holds over the work; None where none does.
        work: says how it is parked.
        attempt: its number.
        leave: gives the attempt up, to be due again after so many ms; false when it is stale.
        counting: counts for the limits of the work's agent.
    """

    def __init__(
        self,
        equipment: Equipment,
        budget: UUID | None,
        work: Callable[[], Parked],
        attempt: int,
        leave: Callable[[int], Awaitable[bool]],
        counting: LimitCounter | None = None,
    ) -> None:
        self._kit = equipment
        self._budget = budget
        self._work = work
        self._attempt = attempt
        self._leave = leave
        self._counting = counting

    async def reserve(self, call: str, at_most: Usage | None) -> str:
        """Reserves what a call may cost; what it is known by for `settle`, empty where no budget holds.

        Raises:
            Suspended: that is more than is left: the attempt is over, and the work parked.
            BudgetCancelledError: somebody has cancelled a budget over it.
        """
        budget = self._budget
        if budget is None:
            await self._count_call()
            return ""
        work, usage = self._work(), at_most or Usage()
        known = f"{work.node}|{self._attempt}|{call}"
        verdict = await self._kit.ask_until_answered(lambda: self._kit.accounts.reserve(budget, known, usage, work))
        if verdict.status == "may":
            await self._count_call()
            return known
        if verdict.status == "cancelled":
            raise budget_cancelled_error(verdict)
        return await self.leave(ask_again_delay_ms(), verdict.reason, partial(hasten_freed, self._kit, verdict, work))

    @property
    def work(self) -> Parked:
        """The step, as it is told of where it waits."""
        return self._work()

    async def leave(self, delay_ms: int, why: str, left: Callable[[], Awaitable[None]]) -> NoReturn:
        """Gives the attempt up.

        Args:
            delay_ms: after which it is due again.
            why: in words.
            left: called as soon as it is given up.

        Raises:
            Suspended: the attempt is over.
            AttemptStaleError: another worker has taken the step over, or its run has ended.
        """
        if not await self._leave(delay_ms):
            raise AttemptStaleError(f"another worker has taken {self.work.what} over, or its run has ended")
        await left()
        raise Suspended(why)

    async def spend(self, usage: Usage) -> None:
        """Charges what was spent outside of recorded calls."""
        await self.settle("", usage)

    async def settle(self, known: str, usage: Usage | None) -> None:
        """Charges what a call has cost. What nobody tells of costs what was reserved."""
        budget = self._budget
        if self._counting is not None:
            await self._counting.count_tokens(usage)
        if budget is not None and usage is not None:
            await self._kit.ask_until_answered(lambda: self._kit.accounts.settle(budget, known, usage))

    async def count_unreported(self, at_most: Usage | None) -> None:
        """Notes that a call which nobody tells the cost of counts as what it might cost, as it was charged."""
        if self._counting is not None:
            await self._counting.count_tokens(at_most)

    async def _count_call(self) -> None:
        if self._counting is not None:
            await self._counting.count_call()


def ask_again_delay_ms() -> int:
    """When parked work asks again by itself, in ms from now: spread, so that not all of it asks at once."""
    return int(_ASK_AGAIN_MS * (1 + _SPREAD * random.random()))


async def hasten_freed(kit: Equipment, verdict: BudgetVerdict, work: Parked) -> None:
    """Has parked work ask again at once whose budget was raised or cancelled before it had left its slot: whoever did
    that found nothing to hasten yet, and the work would wait for as long as it said itself."""
    account = verdict.account
    if account is None or await kit.ask_until_answered(lambda: kit.accounts.is_parked(account, work.node)):
        return
    await kit.ask_until_answered(lambda: wake_parked_work([work], kit.bus, lambda _: kit.store))


def budget_cancelled_error(verdict: BudgetVerdict) -> BudgetCancelledError:
    """What work ends with whose budget was cancelled."""
    return BudgetCancelledError(f"budget {verdict.account} was cancelled by {verdict.reason}: nothing under it begins")
