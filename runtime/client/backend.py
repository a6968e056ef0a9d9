"""What one event loop has of the server: bus, state store, presence and breakers, whatever carries them."""

from dataclasses import dataclass
from typing import Self

from runtime.budgets.contract import Accounts
from runtime.budgets.redis import RedisAccounts
from runtime.bus.contract import Bus
from runtime.bus.redis import RedisBus
from runtime.bus.redis_base import Limits
from runtime.errors import CommandRefusedError, ServerError
from runtime.resilience.contract import Breakers
from runtime.resilience.redis import RedisBreakers
from runtime.server.client import Clients
from runtime.settings import Settings
from runtime.shadows.contract import Shadows
from runtime.shadows.redis import RedisShadows
from runtime.state.connections import choose_place
from runtime.state.contract import StateStore
from runtime.state.place import StatePlace
from runtime.state.presence import Presence
from runtime.state.redis_presence import RedisPresence
from runtime.state.schedules import Schedules


@dataclass(frozen=True, slots=True)
class Backend:
    """The contracts that the runtime works by, on one server, or two: `place` is where runs and schedules are kept."""

    bus: Bus
    store: StateStore
    presence: Presence
    schedules: Schedules
    breakers: Breakers
    accounts: Accounts
    shadows: Shadows
    place: StatePlace

    @classmethod
    def for_app(cls, clients: Clients, app: str, settings: Settings, place: StatePlace | None = None) -> Self:
        """The backend of an app.

        Args:
            clients: of a Redis or Valkey server.
            app: its name.
            settings: what it holds, and where runs are kept.
            place: that, where it is open already.

        Raises:
            SettingsError: runs can't be kept where the settings say.
        """
        place = place or choose_place(clients, settings)
        limits = Limits(
            stream=settings.stream_cap,
            unclaimed=settings.unclaimed_cap,
            outbox=settings.outbox_cap,
            run_stream=settings.run_stream_kib * 1024,
            done_mark_ms=int(settings.keep_marks * 3_600_000),
        )
        return cls(
            bus=RedisBus(clients, limits),
            store=place.store(app, limits),
            presence=RedisPresence(clients, app),
            schedules=place.schedules(app),
            breakers=RedisBreakers(clients.commands),
            accounts=RedisAccounts(clients.commands),
            shadows=RedisShadows(clients.commands),
            place=place,
        )

    async def probe_connection(self) -> int:
        """The connection on which all servers take writes now; 0 where one takes none. If it is the same one twice, the
        servers and the way to them were there all the while."""
        try:
            await self.place.probe()
        except CommandRefusedError:
            return self.place.connection  # it has its reasons, and says so
        except ServerError:
            return 0
        return self.place.connection
