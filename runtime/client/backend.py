"""What one event loop has of the server: bus, state store, presence and breakers, whatever carries them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

from runtime.bus.contract import Bus
from runtime.bus.redis import RedisBus
from runtime.bus.redis_base import Limits
from runtime.errors import ServerError
from runtime.resilience.breaker import Breakers
from runtime.server.client import Clients
from runtime.settings import Settings
from runtime.state.contract import StateStore
from runtime.state.presence import Presence
from runtime.state.redis import RedisState
from runtime.state.redis_presence import RedisPresence


@dataclass(frozen=True, slots=True)
class Backend:
    """The contracts that the runtime works by, on one server.

    Attributes:
        ping: asks the server anything; raises `ServerError` when it does not answer.
    """

    bus: Bus
    store: StateStore
    presence: Presence
    breakers: Breakers
    ping: Callable[[], Awaitable[object]]

    @classmethod
    def on(cls, clients: Clients, app: str, settings: Settings) -> Self:
        """The backend of an app on a Redis or Valkey server."""
        limits = Limits(
            settings.stream_cap, settings.unclaimed_cap, settings.outbox_cap, int(settings.keep_marks * 3_600_000)
        )
        return cls(
            bus=RedisBus(clients, limits),
            store=RedisState(clients, app, limits),
            presence=RedisPresence(clients, app),
            breakers=Breakers(clients.commands),
            ping=clients.commands.ping,
        )

    async def is_there(self) -> bool:
        """Whether the server answers anything at all now."""
        try:
            await self.ping()
        except ServerError:
            return False
        return True
