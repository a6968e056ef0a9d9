"""The pure shape: one process holds all orders in memory and calls each agent of one DAG.

Written as one would who has nothing else: each call has a timeout, is retried with full jitter, and bears being
repeated; agents that need nothing of each other are called at once; one that fails for good is logged, and keeps no
other from its part. The shop sends an order again until it is accepted, and the process is started again at once when
it ends.
"""

import asyncio
import logging
import random
import sys
from typing import Final

from runtime.supervisor.lifeline import hold_lifeline
from sample_agents.shapes.faults import RETRY, TIMEOUT, AgentAwayError
from sample_agents.shapes.stage import ANSWERED, CLOSED, HAS_DONE, ORDERED, Shape, World

#: Orders under way at once: as many as a worker of ours has steps and deliveries.
PLACES: Final = 16

_log: Final = logging.getLogger(__name__)


class Coordinator:
    """Drives all orders. Args: `world`, which it calls."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._places = asyncio.Semaphore(PLACES)
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        """Accepts orders, until it is killed."""
        if self._world.trial.shape is Shape.REREAD:
            self._reread()
        self._world.socket.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(self._accept, self._world.socket)
        await server.serve_forever()

    def _reread(self) -> None:
        entries = self._world.book.entries()
        closed = {entry.subject for entry in entries if entry.deed == CLOSED}
        for entry in entries:
            if entry.deed == ORDERED and entry.subject not in closed:
                self._take(int(entry.subject))

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readline()).decode().strip()
        if asked == HAS_DONE:
            writer.write(b"yes\n" if all(task.done() for task in self._tasks.values()) else b"no\n")
        elif asked:
            self._take(int(asked))
            writer.write(b"accepted\n")
        await writer.drain()
        writer.close()

    def _take(self, number: int) -> None:
        if number not in self._tasks:
            self._tasks[number] = asyncio.create_task(self._ship(number))

    async def _ship(self, number: int) -> None:
        trial = self._world.trial
        async with self._places:
            for agent in trial.path:
                if not await self._call(agent, number):
                    return  # what comes later on the path needs what this one would have said
            await asyncio.gather(*(self._call(agent, number) for agent in trial.others))
            await self._world.note(ANSWERED, number)
            await self._world.note(CLOSED, number)

    async def _call(self, agent: str, number: int) -> bool:
        """Whether an agent has done its part, however often it had to be asked."""
        for attempt in range(1, RETRY.attempts + 1):
            try:
                async with asyncio.timeout(TIMEOUT):
                    await self._world.call(agent, number, attempt)
            except (AgentAwayError, TimeoutError) as error:
                _log.warning("order %s: %s", number, error)
                ceiling = min(RETRY.max_delay, RETRY.first_delay * RETRY.factor ** (attempt - 1))
                await asyncio.sleep(ceiling * random.random())
            else:
                return True
        _log.error("order %s: %s has failed for good", number, agent)
        return False


if __name__ == "__main__":
    hold_lifeline()
    sys.exit(asyncio.run(Coordinator(World.of_process()).serve()))
