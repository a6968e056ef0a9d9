"""An app's connection: the bus, the state store and telemetry of one process."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from opentelemetry.sdk.trace import TracerProvider

from runtime.bus.redis import RedisBus
from runtime.clock import Clock, SystemClock
from runtime.definitions.subscription import Subscription
from runtime.definitions.workflow import BuiltWorkflow
from runtime.facts import Observer
from runtime.home import find_home
from runtime.outbox.relay import Relay
from runtime.resilience.breaker import Breakers
from runtime.server.connection import Server
from runtime.settings import Settings
from runtime.state.redis import RedisState
from runtime.telemetry.setup import observe


@dataclass(frozen=True, slots=True)
class BuiltApp:
    """An app whose declarations have been checked."""

    name: str
    workflows: Mapping[str, BuiltWorkflow]
    subscriptions: tuple[Subscription, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """Everything that a process of an app needs to start runs, publish, or work."""

    app: BuiltApp
    settings: Settings
    server: Server
    bus: RedisBus
    store: RedisState
    breakers: Breakers
    relay: Relay
    observer: Observer
    clock: Clock

    @classmethod
    async def open(cls, app: BuiltApp, settings: Settings, provider: TracerProvider | None) -> Self:
        """Connects and registers the app's groups, so that nothing published from now on is missed.

        Raises:
            ServerError: when the server is not there, or not fit for durable work.
        """
        server = await Server.connect(settings)
        try:
            observer = observe(app.name, settings, find_home(settings.home), provider=provider)
        except BaseException:
            await server.close()
            raise
        session = cls._of(app, settings, server, observer)
        try:
            for one in app.subscriptions:
                await session.bus.subscribe(one.channel, one.group, one.schema)
        except BaseException:
            await session.close()
            raise
        return session

    @classmethod
    def _of(cls, app: BuiltApp, settings: Settings, server: Server, observer: Observer) -> Self:
        bus, clock = RedisBus(server.client, server.reader, settings.stream_cap), SystemClock()
        return cls(
            app=app,
            settings=settings,
            server=server,
            bus=bus,
            store=RedisState(server.client, server.reader, app.name),
            breakers=Breakers(server.client),
            relay=Relay(server.client, bus, observer, clock),
            observer=observer,
            clock=clock,
        )

    async def close(self) -> None:
        """Hands telemetry over and disconnects."""
        try:
            await asyncio.to_thread(self.observer.close)
        finally:
            await self.server.close()
