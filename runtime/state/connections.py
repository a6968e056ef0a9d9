"""Chooses where runs and schedules are kept."""

from dataclasses import dataclass

from runtime.errors import SettingsError
from runtime.rabbitmq.factories import build_wakes_factory
from runtime.server.client import Clients
from runtime.server.connection import Server
from runtime.settings import Settings
from runtime.state.place import StatePlace
from runtime.state.redis_place import RedisPlace


def choose_place(clients: Clients, settings: Settings) -> StatePlace:
    """Where the settings have runs kept; nothing is connected yet.

    Raises:
        SettingsError: the address can't be used, or the driver is not installed.
    """
    bus = RedisPlace(clients)
    wakes = None if settings.wake_url is None else build_wakes_factory(settings, settings.wake_url)
    if settings.state_url is None:
        return bus
    try:
        # Only who names a database has its driver.
        from runtime.state.postgres.place import PostgresPlace
    except ImportError as error:
        raise SettingsError(
            f"CAUSELINE_STATE_URL names a PostgreSQL server, and its driver is not here ({error}): pip install "
            "'causeline[postgres]'"
        ) from None
    return PostgresPlace(settings.state_url, clients, bus, wakes)


@dataclass(frozen=True, slots=True)
class ConnectedServers:
    """The server of the bus, and where runs are kept."""

    server: Server
    place: StatePlace

    async def check(self) -> None:
        """Asks whether both are there, and fit.

        Raises:
            ServerError: one is not.
        """
        await self.server.check()
        await self.place.check()

    async def close(self) -> None:
        """Lets go of both."""
        try:
            await self.place.close()
        finally:
            await self.server.close()


async def connect_servers(settings: Settings) -> ConnectedServers:
    """Connects to both.

    Raises:
        SettingsError: an address can't be used, or a driver is not installed.
        ServerError: one is not there, or not fit.
    """
    server = await Server.connect(settings)
    try:
        found = ConnectedServers(server, choose_place(server.clients, settings))
    except BaseException:
        await server.close()
        raise
    try:
        await found.place.check()
    except BaseException:
        await found.close()
        raise
    return found
