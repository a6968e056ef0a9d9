"""What one event loop has of the server: bus, state store, presence and breakers, whatever carries them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Self

from runtime.budgets.contract import Accounts
from runtime.budgets.redis import RedisAccounts
from runtime.bus.contract import Bus
from runtime.bus.redis import RedisBus
from runtime.bus.redis_base import Limits
from runtime.errors import CommandRefusedError, ServerError
from runtime.resilience.contract import Breakers
from runtime.resilience.redis import RedisBreakers
from runtime.server.client import Clients
from runtime.server.names import FORMAT
from runtime.settings import Settings
from runtime.state.contract import StateStore
from runtime.state.presence import Presence
from runtime.state.redis import RedisState
from runtime.state.redis_presence import RedisPresence
from runtime.state.redis_schedules import RedisSchedules
from runtime.state.schedules import Schedules

#: A key that never is: to delete it is a write that changes nothing and needs no room.
_PROBE: Final = f"causeline:{FORMAT}:{{probe}}"


@dataclass(frozen=True, slots=True)
class Backend:
    """The contracts that the runtime works by, on one server.

    Attributes:
        probe: asks the server for a write that changes nothing; raises `ServerError` when it does not take that. Reads
            are no proof: a server that has become a replica, say, answers them and will take writes again later.
        connection: which one commands share now, counted from 1.
    """

    bus: Bus
    store: StateStore
    presence: Presence
    schedules: Schedules
    breakers: Breakers
    accounts: Accounts
    probe: Callable[[], Awaitable[object]]
    connection: Callable[[], int]

    @classmethod
    def on(cls, clients: Clients, app: str, settings: Settings) -> Self:
        """The backend of an app on a Redis or Valkey server."""
        limits = Limits(
            stream=settings.stream_cap,
            unclaimed=settings.unclaimed_cap,
            outbox=settings.outbox_cap,
            run_stream=settings.run_stream_kib * 1024,
            done_mark_ms=int(settings.keep_marks * 3_600_000),
        )
        return cls(
            bus=RedisBus(clients, limits),
            store=RedisState(clients, app, limits),
            presence=RedisPresence(clients, app),
            schedules=RedisSchedules(clients, app),
            breakers=RedisBreakers(clients.commands),
            accounts=RedisAccounts(clients.commands),
            probe=lambda: clients.commands.delete(_PROBE),
            connection=lambda: clients.commands.shared_connection,
        )

    async def reached(self) -> int:
        """The connection on which the server takes writes now; 0 where it takes none. If it is the same one twice, the
        server and the way to it were there all the while."""
        try:
            await self.probe()
        except CommandRefusedError:
            return self.connection()  # it has its reasons, and says so
        except ServerError:
            return 0
        return self.connection()
