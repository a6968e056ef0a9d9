"""An app's connection: the server, telemetry and what is built on both, for one event loop."""

import logging
from dataclasses import dataclass, replace
from typing import Final, Self

from opentelemetry.sdk.trace import TracerProvider

from runtime import settings as environment
from runtime.budgets.contract import Accounts
from runtime.bus.contract import Bus
from runtime.cancellation import gather_all
from runtime.client.attendance import Attendance
from runtime.client.backend import Backend
from runtime.clock import Clock, SystemClock
from runtime.definitions.declarations import BuiltApp
from runtime.definitions.subscription import Subscription
from runtime.facts import Observer
from runtime.home import find_home
from runtime.inbox.inboxes import Inboxes
from runtime.outbox.relay import Relay
from runtime.rabbitmq.contract import Broker
from runtime.rabbitmq.factories import build_broker
from runtime.resilience.contract import Breakers
from runtime.server.connection import Server
from runtime.settings import BEATS_PER_LEASE, Settings
from runtime.shadows.contract import Shadows
from runtime.state.connections import ConnectedServers, connect_servers
from runtime.state.contract import StateStore
from runtime.state.presence import Presence
from runtime.state.schedules import Schedules
from runtime.supervisor.threads import run_in_thread
from runtime.telemetry.setup import build_observer

_log = logging.getLogger("causeline")

#: Heartbeats whose silence says that a worker is gone: one may be late.
_SILENT_BEATS: Final = 2


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """What an app is run with.

    Attributes:
        settings: by default those of the environment.
        provider: of spans; by default a private one.
        observer: by default one that makes spans.
        clock: by default the system's.
        has_schedules: whether workers attend to the app's schedules.
    """

    settings: Settings | None = None
    provider: TracerProvider | None = None
    observer: Observer | None = None
    clock: Clock | None = None
    has_schedules: bool = True

    def settings_now(self) -> Settings:
        """The settings that were given, else what the environment says now.

        Raises:
            SettingsError: a variable does not parse.
        """
        return self.settings or environment.load()


@dataclass(frozen=True, slots=True)
class Session:
    """Everything that a process of an app needs to start runs, publish, or work."""

    app: BuiltApp
    settings: Settings
    server: Server
    backend: Backend
    relay: Relay
    observer: Observer
    clock: Clock
    attendance: Attendance
    inboxes: Inboxes
    bridge: Broker | None = None

    @property
    def broker(self) -> Broker:
        """RabbitMQ, which whoever works for an app's bridge needs; programs that only publish or start runs do without.

        Raises:
            SettingsError: the settings name none.
        """
        return self.bridge or build_broker(self.settings, self.app.name)

    @property
    def bus(self) -> Bus:
        return self.backend.bus

    @property
    def store(self) -> StateStore:
        return self.backend.store

    @property
    def breakers(self) -> Breakers:
        return self.backend.breakers

    @property
    def accounts(self) -> Accounts:
        return self.backend.accounts

    @property
    def shadows(self) -> Shadows:
        return self.backend.shadows

    @property
    def schedules(self) -> Schedules:
        return self.backend.schedules

    @property
    def presence(self) -> Presence:
        return self.backend.presence

    @classmethod
    async def open(cls, app: BuiltApp, options: SessionOptions) -> Self:
        """Connects and registers the app's groups, so that nothing published from now on is missed.

        Raises:
            SettingsError: an address can't be used, or its driver is not installed.
            ServerError: when the server is not there, or not fit for durable work.
        """
        settings, clock = options.settings_now(), options.clock or SystemClock()
        bridge = build_broker(settings, app.name) if app.has_bridge and settings.rabbitmq_url else None
        app = app if options.has_schedules else replace(app, schedules=())
        on = await connect_servers(settings)
        try:
            observer = options.observer or build_observer(
                app.name,
                settings,
                find_home(settings.home),
                provider=options.provider,
                clock=clock,
                version=app.version,
            )
        except BaseException:
            await on.close()
            raise
        backend = Backend.for_app(on.server.clients, app.name, settings, on.place)
        silence_ms = int(settings.lease * 1000 * _SILENT_BEATS / BEATS_PER_LEASE)
        attendance = Attendance(backend.presence, silence_ms)
        relay = Relay(backend.bus, observer, clock)
        inboxes = Inboxes(settings.keep_letters)
        session = cls(app, settings, on.server, backend, relay, observer, clock, attendance, inboxes, bridge)
        try:
            await backend.presence.register_app()
            subscriptions = await gather_all(session._register(one) for one in app.subscriptions)
        except BaseException:
            await session.close()
            raise
        return replace(session, app=replace(app, subscriptions=tuple(subscriptions)))

    async def close(self) -> None:
        """Hands telemetry over and disconnects."""
        if self.bridge is not None:
            await self.bridge.close()
        try:
            await run_in_thread(self.observer.close)
            await self.inboxes.close()
        finally:
            await ConnectedServers(self.server, self.backend.place).close()

    async def _register(self, one: Subscription) -> Subscription:
        """The subscription under the name that its group has on the server."""
        if one.ephemeral:  # each worker makes its own
            return one
        found = await self.bus.subscribe(
            one.channel,
            one.group,
            schema=one.schema,
            app=self.app.name,
            start=one.start,
            former=one.former,
            order_by=one.order_by,
        )
        if found.shared_with:
            _log.warning(
                "group %s of channel %s is served by app %s, too: each event goes to one of the two apps; give one of "
                "them another group if both need all",
                found.group,
                one.channel,
                found.shared_with,
            )
        return replace(one, group=found.group)
