"""A database of PostgreSQL as the place where runs and schedules are kept."""

from collections.abc import Callable

from runtime.bus.redis_base import Limits
from runtime.server.client import Clients
from runtime.state.contract import StateStore
from runtime.state.place import StatePlace
from runtime.state.postgres.commit_notifier import CommitNotifier
from runtime.state.postgres.database import Database
from runtime.state.postgres.schedules import PostgresSchedules
from runtime.state.postgres.store import PostgresState
from runtime.state.postgres.wakes import Wakes
from runtime.state.schedules import Schedules


class PostgresPlace:
    """A `StatePlace` in one database.

    Args:
        url: its address.
        clients: of the bus.
        bus: the place that the bus itself is.
        wakes: what wakes an app's workers, by its name; by default the bus does.

    Raises:
        SettingsError: the address can't be used.
    """

    def __init__(
        self, url: str, clients: Clients, bus: StatePlace, wakes: Callable[[str], Wakes] | None = None
    ) -> None:
        self._database = Database(url)
        self._telling: dict[str, CommitNotifier] = {}
        self._clients = clients
        self._bus = bus
        self._wakes = wakes

    async def check(self) -> None:
        await self._database.prepare()

    def store(self, app: str, limits: Limits) -> StateStore:
        telling = self._telling.get(app)
        if telling is None:
            wakes = None if self._wakes is None else self._wakes(app)
            telling = self._telling[app] = CommitNotifier(self._clients, app, wakes)
        return PostgresState(self._database, telling, app, limits)

    def schedules(self, app: str) -> Schedules:
        return PostgresSchedules(self._database, app)

    async def probe(self) -> None:
        await self._bus.probe()
        await self._database.fetch_rows("probe")

    @property
    def connection(self) -> int:
        return self._bus.connection + self._database.lost

    async def close(self) -> None:
        await self._database.close()
        for telling in self._telling.values():
            await telling.close()
