"""Runs and workers of all apps on a server, as an operator sees them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from runtime.bus.redis_base import Limits
from runtime.server.client import Clients
from runtime.state.contract import StateStore
from runtime.state.keys import APPS
from runtime.state.place import StatePlace
from runtime.state.presence import WorkerSighting
from runtime.state.redis_presence import RedisPresence
from runtime.state.runs import Lane, LimitUse, RunBacklog, RunRecord
from runtime.state.schedules import Schedules
from runtime.state.waits import OpenWait


@dataclass(frozen=True, slots=True)
class AppBacklog:
    """What an app's runs owe, how many live workers it has, and what of its due steps is for agents that none of these
    serves; `limits` are those that these declare, and what of them is used, `declared` the workflows of their code,
    each with its steps."""

    runs: RunBacklog
    workers: int
    unserved: tuple[Lane, ...] = ()
    limits: tuple[LimitUse, ...] = ()
    declared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AppWorker:
    """A worker, and the app that it works for."""

    app: str
    seen: WorkerSighting


@dataclass(frozen=True, slots=True)
class FoundRun:
    """A run, the app that it is of, and where it is kept."""

    app: str
    record: RunRecord
    store: StateStore


@dataclass(frozen=True, slots=True)
class FoundWait:
    """What a run waits for, and the run."""

    run: FoundRun
    wait: OpenWait


class RunRegistry:
    """The runs of all apps on one server.

    Args:
        clients: of the event loop that uses it.
        place: where runs are kept.
    """

    def __init__(self, clients: Clients, place: StatePlace) -> None:
        self._clients = clients
        self._place = place

    async def apps(self) -> list[str]:
        """The apps that have ever had a worker here, by name."""
        names: Any = await self._clients.commands.smembers(APPS)
        return sorted(name.decode() for name in names)

    async def stores(self) -> list[tuple[str, StateStore]]:
        """Where the runs of each app are kept, by its name."""
        return [(app, self.store(app)) for app in await self.apps()]

    async def find(self, run: UUID) -> FoundRun | None:
        """A run of any app."""
        for app, store in await self.stores():
            record = await store.get(run)
            if record is not None:
                return FoundRun(app, record, store)
        return None

    async def backlogs(self, live_ms: int) -> list[AppBacklog]:
        """What the runs of each app owe; a worker that was silent for `live_ms` is not live."""
        return [await self._backlog(app, live_ms) for app in await self.apps()]

    async def workers(self) -> list[AppWorker]:
        """All workers and cells that are known, by app, those heard of last first."""
        return [
            AppWorker(app, seen)
            for app in await self.apps()
            for seen in await RedisPresence(self._clients, app).workers()
        ]

    def schedules(self, app: str) -> Schedules:
        """Where an app's schedules are kept."""
        return self._place.schedules(app)

    async def _backlog(self, app: str, live_ms: int) -> AppBacklog:
        store = self.store(app)
        runs = await store.backlog()
        presence = RedisPresence(self._clients, app)
        seen = await presence.workers()
        live = [one.record for one in seen if one.is_live(live_ms)]
        unserved = (lane for lane in runs.lanes if not any(one.does_steps_for(lane.agent) for one in live))
        # Of two versions that differ, the worker that began last says what holds.
        newest = sorted(live, key=lambda one: one.started_ms)
        limits = {limit.name: limit for one in newest for limit in one.limits}
        uses = await store.list_limit_uses([limits[agent] for agent in sorted(limits)])
        declared = await presence.get_declared_workflows() if live else {}
        return AppBacklog(runs, len(live), tuple(unserved), tuple(uses), declared)

    def store(self, app: str) -> StateStore:
        """Where an app's runs are kept."""
        return self._place.store(app, Limits())
