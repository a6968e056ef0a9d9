"""Lets work run side by side, or alone: what a dead worker left behind must not share a process with the innocent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

#: Deaths of a worker while a piece of work ran alone in it, from which on that work is poison and is given up.
DEATH_LIMIT: Final = 3
#: Seconds that new work waits at first for work that must run alone.
PATIENCE: Final = 10.0


class SoloGate:
    """Many at once, or one alone; whoever wants to be alone goes before those that come later, most of the time.

    Work of the same correlation as the lone one comes in all the same: what it started it may be waiting for.

    Args:
        patience: seconds that others are kept out at first for somebody who wants to be alone.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._changed = asyncio.Condition()
        self._shared = 0
        self._alone: UUID | None = None
        self._waiting = 0

    @asynccontextmanager
    async def enter(self, correlation: UUID, *, alone: bool) -> AsyncIterator[None]:
        """Holds a place until the block ends.

        Args:
            correlation: of the work.
            alone: no work of another correlation is inside meanwhile.
        """
        await (self._enter_alone(correlation) if alone else self._enter_shared(correlation))
        try:
            yield
        finally:
            async with self._changed:
                if alone:
                    self._alone = None
                else:
                    self._shared -= 1
                self._changed.notify_all()

    async def _enter_shared(self, correlation: UUID) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._lets_in(correlation))
            self._shared += 1

    def _lets_in(self, correlation: UUID) -> bool:
        return self._alone == correlation or (self._alone is None and not self._waiting)

    async def _enter_alone(self, correlation: UUID) -> None:
        patience = self._patience
        async with self._changed:
            while not await self._insist(correlation, patience):
                # Those inside may wait for work that waits outside: let some in, then insist for longer.
                await self._until_empty(self._patience)
                patience *= 2

    async def _insist(self, correlation: UUID, seconds: float) -> bool:
        self._waiting += 1
        try:
            if await self._until_empty(seconds):
                self._alone = correlation
                return True
            return False
        finally:
            self._waiting -= 1
            self._changed.notify_all()

    async def _until_empty(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait_for(lambda: self._alone is None and not self._shared)
        except TimeoutError:
            return False
        return True
