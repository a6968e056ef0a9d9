"""What is told of once it is committed, over the Redis or Valkey server of the bus: that steps are due, that runs have
ended or streamed more.

It is no part of a transaction: nobody's work depends on it, and whoever waits looks from time to time. PostgreSQL's own
NOTIFY was refused: it takes a lock of the whole server at each commit, LISTEN goes through no pooler, and each worker
would hold one more connection; the bus is there anyway, and wakes each task's worker alone.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from runtime.errors import ServerError
from runtime.server.client import Clients
from runtime.state.keys import StateKeys

_log = logging.getLogger("causeline.server")

#: Wake-ups that are kept for workers at most.
_MOST: Final = 256
#: Seconds that a wake-up is kept for a worker that is to come.
_KEPT_S: Final = 60


class Telling:
    """Tells what one event loop has committed; what is told in one turn of it goes together.

    Attributes:
        clients: of the bus, for the event loop.
        keys: of the app.
    """

    def __init__(self, clients: Clients, app: str) -> None:
        self.clients = clients
        self.keys = StateKeys(app)
        self._client = clients.commands
        self._wakes: Counter[str] = Counter()
        self._told: set[tuple[str, str]] = set()
        self._going: asyncio.Task[None] | None = None

    def due(self, count: int, lanes: Iterable[str] = ()) -> None:
        """So many steps are due at once; and some in the lanes of agents."""
        if count:
            self._wakes[self.keys.wake] += count
        for agent in lanes:
            self._wakes[self.keys.lane_wake(agent)] += 1
        self._go()

    def ended(self, runs: Iterable[UUID]) -> None:
        """Runs have ended."""
        self._told.update((self.keys.over, str(run)) for run in runs)
        self._go()

    def streamed(self, run: UUID) -> None:
        """A run has streamed more."""
        self._told.add((self.keys.news, str(run)))
        self._go()

    async def are_left(self) -> bool:
        """Removes wake-ups that are left; whether there were any. Who finds nothing due does so, and then looks again:
        what has come in between has brought one of its own."""
        return bool(await self._client.delete(self.keys.wake))

    async def told(self) -> None:
        """Waits until all is told, or can't be."""
        if self._going is not None:
            await asyncio.wait({self._going})

    def _go(self) -> None:
        if (self._wakes or self._told) and (self._going is None or self._going.done()):
            self._going = asyncio.create_task(self._tell(), name="causeline telling")

    async def _tell(self) -> None:
        while self._wakes or self._told:
            wakes, self._wakes = self._wakes, Counter()
            told, self._told = self._told, set()
            try:
                async with self._client.pipeline() as pipe:
                    for key, count in wakes.items():
                        pipe.lpush(key, *["1"] * min(count, _MOST))
                        pipe.ltrim(key, 0, _MOST - 1)
                        pipe.expire(key, _KEPT_S)
                    for channel, text in told:
                        pipe.publish(channel, text)
                    await pipe.execute()
            except ServerError as error:
                _log.debug("who waits looks for itself: %s", error)
