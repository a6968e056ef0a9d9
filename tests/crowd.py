"""Work that stays until others are at it too, so that chance has no say in how many are at work at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.waiting import PATIENCE


class Crowd:
    """Who is at work at once.

    Args:
        least: how many have to meet; whoever comes before them stays, whoever comes later finds that they have met.

    Attributes:
        most: how many were at work at once.
    """

    def __init__(self, least: int) -> None:
        self._least = least
        self._here = 0
        self._met = asyncio.Event()
        self.most = 0

    @asynccontextmanager
    async def joined(self) -> AsyncIterator[None]:
        """Comes, meets the others, and leaves after the block.

        Raises:
            TimeoutError: nobody came.
        """
        self._here += 1
        self.most = max(self.most, self._here)
        if self._here >= self._least:
            self._met.set()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._met.wait()
            yield
        finally:
            self._here -= 1
