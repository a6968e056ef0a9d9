"""The Redis or Valkey server of the bus as the place where runs and schedules are kept."""

from typing import Final

from runtime.bus.redis_base import Limits
from runtime.server.client import Clients
from runtime.server.names import FORMAT
from runtime.state.contract import StateStore
from runtime.state.redis import RedisState
from runtime.state.redis_schedules import RedisSchedules
from runtime.state.schedules import Schedules

#: A key that never is: to delete it is a write that changes nothing and needs no room.
_PROBE: Final = f"causeline:{FORMAT}:{{probe}}"


class RedisPlace:
    """A `StatePlace`. Args: `clients` of the event loop that uses it."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def check(self) -> None:
        """The server was asked when it was connected to."""

    def store(self, app: str, limits: Limits) -> StateStore:
        return RedisState(self._clients, app, limits)

    def schedules(self, app: str) -> Schedules:
        return RedisSchedules(self._clients, app)

    async def probe(self) -> None:
        await self._clients.commands.delete(_PROBE)

    @property
    def connection(self) -> int:
        return self._clients.commands.shared_connection

    async def close(self) -> None:
        """The clients are others'."""
