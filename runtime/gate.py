"""Lets work run side by side, or alone: what a dead worker left behind must not share a process with the innocent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

#: Deaths of a worker while a piece of work ran alone in it, from which on that work is poison and is given up.
DEATH_LIMIT: Final = 3


class SoloGate:
    """Many at once, or one alone; whoever wants to be alone goes before those that come later."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self._shared = 0
        self._alone = False
        self._waiting = 0

    @asynccontextmanager
    async def enter(self, *, alone: bool) -> AsyncIterator[None]:
        """Holds a place until the block ends; `alone`: nobody else is inside meanwhile."""
        await (self._enter_alone() if alone else self._enter_shared())
        try:
            yield
        finally:
            async with self._changed:
                if alone:
                    self._alone = False
                else:
                    self._shared -= 1
                self._changed.notify_all()

    async def _enter_shared(self) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: not self._alone and not self._waiting)
            self._shared += 1

    async def _enter_alone(self) -> None:
        async with self._changed:
            self._waiting += 1
            try:
                await self._changed.wait_for(lambda: not self._alone and not self._shared)
                self._alone = True
            finally:
                self._waiting -= 1
                self._changed.notify_all()
