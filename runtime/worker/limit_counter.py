"""Counts what an attempt spends for which limits hold, for all workers."""

from collections.abc import Mapping, Sequence

from runtime.budgets.usage import Usage
from runtime.resilience.limits import Limit
from runtime.worker.work import Equipment


class LimitCounter:
    """Counts what one attempt uses of its limits.

    Args:
        equipment: of the worker.
        limits: that hold for the attempt.
        by: the values of its run's keys.
    """

    def __init__(self, equipment: Equipment, limits: Sequence[Limit], by: Mapping[str, str]) -> None:
        self._kit = equipment
        self._limits = [(limit, name) for limit in limits if (name := limit.name_for_run(by)) is not None]
        self._calls = 0

    async def count_call(self) -> None:
        """Counts a recorded call; the first has been counted with the attempt, when that began."""
        self._calls += 1
        if self._calls > 1:
            for limit, name in self._limits:
                if limit.calls_per_minute is not None:
                    await self._count(name, 1, 0)

    async def count_tokens(self, usage: Usage | None) -> None:
        """Counts the tokens of what was reported."""
        if usage is not None and usage.all_tokens:
            for limit, name in self._limits:
                if limit.tokens_per_minute is not None:
                    await self._count(name, 0, usage.all_tokens)

    async def _count(self, name: str, calls: int, tokens: int) -> None:
        await self._kit.ask_until_answered(lambda: self._kit.store.spend(name, calls, tokens))
