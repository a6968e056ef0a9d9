"""What is told of once it is committed: that steps are due, as wake-ups (`wakes.py`); that runs have ended or streamed
more, over the Redis or Valkey server of the bus.

It is no part of a transaction: nobody's work depends on it, and whoever waits looks from time to time. PostgreSQL's own
NOTIFY was refused: it takes a lock of the whole server at each commit, LISTEN goes through no pooler, and each worker
would hold one more connection; the bus is there anyway, and wakes each task's worker alone.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from runtime.errors import ServerError
from runtime.server.client import Clients
from runtime.state.keys import StateKeys
from runtime.state.postgres.wakes import BusWakes, Wakes

_log = logging.getLogger("causeline.server")


class CommitNotifier:
    """Tells what one event loop has committed; what is told in one turn of it goes together.

    Args:
        clients: of the bus, for the event loop.
        app: whose runs.
        wakes: what wakes its workers; by default the bus does.

    Attributes:
        clients: of the bus.
        keys: of the app.
        wakes: what wakes its workers.
    """

    def __init__(self, clients: Clients, app: str, wakes: Wakes | None = None) -> None:
        self.clients = clients
        self.keys = StateKeys(app)
        self.wakes = wakes or BusWakes(clients, app)
        self._client = clients.commands
        self._due: Counter[str] = Counter()
        self._told: set[tuple[str, str]] = set()
        self._going: asyncio.Task[None] | None = None

    def notify_due(self, count: int, lanes: Iterable[str] = ()) -> None:
        """So many steps are due at once; and some in the lanes of agents."""
        if count:
            self._due[""] += count
        for agent in lanes:
            self._due[agent] += 1
        self._start_notifying()

    def notify_ended(self, runs: Iterable[UUID]) -> None:
        """Runs have ended."""
        self._told.update((self.keys.end_channel, str(run)) for run in runs)
        self._start_notifying()

    def notify_streamed(self, run: UUID) -> None:
        """A run has streamed more."""
        self._told.add((self.keys.stream_channel, str(run)))
        self._start_notifying()

    async def discard_wakes(self) -> bool:
        """Removes wake-ups that are left; whether there were any. Who finds nothing due does so, and then looks again:
        what has come in between has brought one of its own."""
        return await self.wakes.discard_wakes()

    async def flush(self) -> None:
        """Waits until all is told, or can't be."""
        if self._going is not None:
            await asyncio.wait({self._going})

    async def close(self) -> None:
        """Tells what is left to be told, and lets go of what wakes workers."""
        await self.flush()
        await self.wakes.close()

    def _start_notifying(self) -> None:
        if (self._due or self._told) and (self._going is None or self._going.done()):
            self._going = asyncio.create_task(self._notify(), name="causeline telling")

    async def _notify(self) -> None:
        while self._due or self._told:
            due, self._due = self._due, Counter()
            told, self._told = self._told, set()
            telling = [self._publish(told)] if told else []
            if due:
                telling.append(self.wakes.wake_workers(due))
            # Both travel together where both go to the bus.
            for error in await asyncio.gather(*telling, return_exceptions=True):
                if isinstance(error, ServerError):
                    _log.debug("who waits looks for itself: %s", error)
                elif error is not None:
                    raise error

    async def _publish(self, told: Iterable[tuple[str, str]]) -> None:
        async with self._client.pipeline() as pipe:
            for channel, text in told:
                pipe.publish(channel, text)
            await pipe.execute()
