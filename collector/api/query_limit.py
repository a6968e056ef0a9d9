"""A limit on concurrent queries; requests above it wait their turn, for a while."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from collector.errors import BusyError

#: Questions to the store that are answered at once. Each keeps a thread busy, and DuckDB shares its own among them:
#: more would only make all of them slower, and the receiver of spans with them.
AT_ONCE: Final = 4

#: Questions that wait for their turn; more are told at once to come again.
WAITING: Final = 64

#: Seconds that a question waits for its turn; the client's timeout is ten.
PATIENCE_SECONDS: Final = 5.0


class QueryLimit:
    """Lets a few questions at once through to the store; a dependency of every route that reads it.

    Args:
        at_once: questions that are answered at once.
        patience: seconds that a question may wait for its turn.
    """

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE_SECONDS) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._patience = patience
        self._waiting = 0

    async def __call__(self) -> AsyncIterator[None]:
        """Waits for a free place, and holds it until the question is answered.

        Raises:
            BusyError: when it has not come in time.
        """
        if self._waiting >= WAITING:
            raise BusyError(f"{self._waiting} questions wait to be answered")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError:
            raise BusyError("too many questions are being answered") from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()
