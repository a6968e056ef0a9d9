"""Counts what an attempt of a limited agent spends, for all workers."""

from runtime.budgets.usage import Usage
from runtime.resilience.limits import Limit
from runtime.worker.work import Equipment


class Counting:
    """Of one attempt.

    Args:
        equipment: of the worker.
        limit: of the attempt's agent; None where there is nothing to count for.
    """

    def __init__(self, equipment: Equipment, limit: Limit | None) -> None:
        self._kit = equipment
        self._limit = limit
        self._calls = 0

    async def called(self) -> None:
        """Counts a recorded call; the first has been counted with the attempt, when that began."""
        limit = self._limit
        self._calls += 1
        if limit is not None and limit.calls_per_minute is not None and self._calls > 1:
            await self._kit.settled(lambda: self._kit.store.spend(limit.agent, 1, 0))

    async def spent(self, usage: Usage | None) -> None:
        """Counts the tokens of what was reported."""
        limit = self._limit
        if limit is not None and limit.tokens_per_minute is not None and usage is not None and usage.all_tokens:
            await self._kit.settled(lambda: self._kit.store.spend(limit.agent, 0, usage.all_tokens))
