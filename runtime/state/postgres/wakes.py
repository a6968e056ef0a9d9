"""What wakes workers whose runs are in PostgreSQL when steps are due.

Wake-ups may be lost, or come twice: workers look for due steps from time to time, too.
"""

from collections.abc import Collection, Mapping
from typing import Final, Protocol

from runtime.server.client import Clients
from runtime.state.keys import StateKeys

#: Wake-ups that are kept for workers at most.
_MOST: Final = 256
#: Seconds that a wake-up is kept for a worker that is to come.
_KEPT_S: Final = 60


class Wakes(Protocol):
    """Wake-ups of one app's workers, for one event loop; each is for one worker, by agent: empty for whoever does steps
    that are in no lane. A `ServerError` of any of these methods is nobody's loss."""

    async def wake_workers(self, due: Mapping[str, int]) -> None:
        """So many steps are due, by agent."""
        ...

    async def discard_wakes(self) -> bool:
        """Removes wake-ups that are for no agent's lane; whether there were any."""
        ...

    async def wait(self, timeout: float, agents: Collection[str]) -> None:
        """Waits for a wake-up for no agent's lane, or for those of some; `timeout` seconds at most."""
        ...

    async def close(self) -> None:
        """Lets go of what only they have."""
        ...


class BusWakes:
    """Wake-ups over the Redis or Valkey server of the bus. Args: `clients` of it, and the `app`."""

    def __init__(self, clients: Clients, app: str) -> None:
        self._client = clients.commands
        self._reader = clients.reads
        self._keys = StateKeys(app)

    async def wake_workers(self, due: Mapping[str, int]) -> None:
        async with self._client.pipeline() as pipe:
            for agent, count in due.items():
                key = self._key(agent)
                pipe.lpush(key, *["1"] * min(count, _MOST))
                pipe.ltrim(key, 0, _MOST - 1)
                pipe.expire(key, _KEPT_S)
            await pipe.execute()

    async def discard_wakes(self) -> bool:
        return bool(await self._client.delete(self._keys.wake))

    async def wait(self, timeout: float, agents: Collection[str]) -> None:
        await self._reader.blpop([self._keys.wake, *map(self._keys.lane_wake, agents)], timeout=timeout)

    async def close(self) -> None:
        """Nothing: the clients are others', too."""

    def _key(self, agent: str) -> str:
        return self._keys.lane_wake(agent) if agent else self._keys.wake
