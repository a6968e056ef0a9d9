"""A worker: claims an app's steps and reads its groups, until it is told to stop."""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Protocol

from redis.exceptions import RedisError

from runtime.client.session import Session
from runtime.dead_letters.reports import LetterNews
from runtime.runs.end_reports import Ends
from runtime.worker.delivery_engine import DeliveryEngine
from runtime.worker.heartbeat import Heartbeat
from runtime.worker.isolation import SoloGate
from runtime.worker.loops import GroupLoop, StepLoop, TidyLoop, forever
from runtime.worker.signals import Orders
from runtime.worker.slots import Slots
from runtime.worker.step_engine import StepEngine

_log = logging.getLogger("causeline.worker")

#: Seconds that work under way is given to end when the worker is told to stop.
GRACE: Final = 30.0
_LOOK_EVERY: Final = 0.05


class Served(Protocol):
    """An app that can be connected."""

    @property
    def session(self) -> Session:
        """The connection, inside `client()`."""
        ...

    def client(self) -> AbstractAsyncContextManager[Any]:
        """Connects without working."""
        ...


class Worker:
    """Works for one session.

    Args:
        session: connected; stays open when the worker stops.
        concurrency: step attempts, and delivery attempts of each group, at once; by default the setting.
    """

    def __init__(self, session: Session, concurrency: int | None = None) -> None:
        settings = session.settings
        self._session = session
        # Never reused: a name together with an entry is a fencing token.
        self.consumer = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        size = concurrency or settings.concurrency
        app = session.app
        self._heartbeat = Heartbeat(
            session.server.blocking_client(),
            self.consumer,
            session.store.keys,
            [(one.channel, one.group) for one in app.subscriptions],
            settings.lease,
        )
        self._gate = SoloGate()
        self._ends = Ends(session.store, session.observer)
        agents = {(one.channel, one.group): one.agent for one in app.subscriptions}
        self._letters = LetterNews(session.server.client, session.observer, agents)
        self._step_slots = Slots(size, "a step attempt")
        self._steps = self._step_loop()
        self._group_slots = [Slots(size, f"a delivery to {one.group}") for one in app.subscriptions]
        self._groups = [self._group_loop(index) for index in range(len(app.subscriptions))]
        self._tidy = TidyLoop(
            bus=session.bus,
            relay=session.relay,
            news=(self._ends, self._letters),
            run_outbox=session.store.keys.outbox,
            groups=[(one.channel, one.group) for one in app.subscriptions],
            stopping=self._stopping,
        )

    async def start(self) -> None:
        """Begins to work in the background."""
        await asyncio.to_thread(self._heartbeat.start)
        if self._session.app.workflows:
            self._spawn("steps", self._steps.turn)
        for group in self._groups:
            name = group.subscription.group
            self._spawn(f"group {name}", group.read)
            self._spawn(f"retries of {name}", group.promote)
            self._spawn(f"orphans of {name}", group.reclaim)
        self._spawn("tidying", self._tidy.turn)

    async def stop(self, grace: float = GRACE) -> None:
        """Ends in order: takes nothing more, lets what is under way end, then says goodbye.

        Args:
            grace: seconds to wait for work under way; what is later is cancelled, and tried again elsewhere.
        """
        self._stopping.set()
        if self._tasks:
            await asyncio.wait(self._tasks)  # unlike `gather`, it does not cancel them when it is cancelled
        cancelled = sum(await asyncio.gather(*(slots.drain(grace) for slots in self._slots)))
        if cancelled:
            _log.warning("%d attempts did not end within %.0f s; they will be tried again", cancelled, grace)
        await self._confirm_news()
        await asyncio.to_thread(self._heartbeat.stop)

    async def _confirm_news(self) -> None:
        try:
            await self._ends.confirm()
            await self._letters.confirm()
        except RedisError as error:
            _log.warning("ends of runs and dead letters will be told again: the server does not answer (%s)", error)

    async def drain(self, timeout: float) -> bool:
        """Waits until nothing is due any more, neither steps nor deliveries of the app's groups; retries that wait for
        later don't count.

        Args:
            timeout: seconds at most.

        Returns:
            Whether all was done in time.
        """
        deadline = self._session.clock.monotonic() + timeout
        while self._session.clock.monotonic() < deadline:
            if await self._is_idle():
                return True
            await asyncio.sleep(_LOOK_EVERY)
        return False

    async def _is_idle(self) -> bool:
        # Work goes on while we look: only if none began between two looks that found none was there none all the time.
        begun = self._begun()
        if self._is_busy() or await self._steps.due(1):
            return False
        for one in self._session.app.subscriptions:
            if await self._session.bus.pending(one.channel, one.group):
                return False
        return not self._is_busy() and begun == self._begun()

    def _is_busy(self) -> bool:
        return any(slots.busy for slots in self._slots)

    def _begun(self) -> int:
        return sum(slots.begun for slots in self._slots)

    @property
    def _slots(self) -> tuple[Slots, ...]:
        return (self._step_slots, *self._group_slots)

    def _spawn(self, what: str, turn: Any) -> None:
        work: Coroutine[Any, Any, None] = forever(self._stopping, turn, what)
        self._tasks.append(asyncio.create_task(work, name=f"causeline {what}"))

    def _step_loop(self) -> StepLoop:
        session = self._session
        lease_ms = int(session.settings.lease * 1000)
        engine = StepEngine(
            app=session.app.name,
            workflows=session.app.workflows,
            store=session.store,
            breakers=session.breakers,
            relay=session.relay,
            observer=session.observer,
            ends=self._ends,
            heartbeat=self._heartbeat,
            gate=self._gate,
            clock=session.clock,
            lease_ms=lease_ms,
        )
        return StepLoop(session.app.workflows, session.store, engine, self._step_slots, lease_ms, self._stopping)

    def _group_loop(self, index: int) -> GroupLoop:
        session = self._session
        subscription = session.app.subscriptions[index]
        engine = DeliveryEngine(
            subscription,
            app=session.app.name,
            consumer=self.consumer,
            bus=session.bus,
            client=session.server.client,
            breakers=session.breakers,
            relay=session.relay,
            observer=session.observer,
            news=self._letters,
            heartbeat=self._heartbeat,
            gate=self._gate,
            clock=session.clock,
            sample_ratio=session.settings.sample_ratio,
        )
        return GroupLoop(
            subscription,
            bus=session.bus,
            consumer=self.consumer,
            engine=engine,
            heartbeat=self._heartbeat,
            slots=self._group_slots[index],
            lease=session.settings.lease,
            stopping=self._stopping,
        )


def serve(app: Served, concurrency: int | None = None) -> None:
    """Works for an app until INT, TERM or HUP, then ends in order; a second signal makes it end at once.

    Args:
        app: whose steps and groups.
        concurrency: see `Worker`.

    Raises:
        DefinitionError: when the app can't be built.
        ServerError: when the server is not there.
    """
    asyncio.run(_serve(app, concurrency))


async def _serve(app: Served, concurrency: int | None) -> None:
    orders = Orders()
    with orders.heeded():
        async with app.client():
            worker = Worker(app.session, concurrency)
            await worker.start()
            _log.info("worker %s works for %s", worker.consumer, app.session.app.name)
            await orders.end.wait()
            await _end(worker, orders.hurry)


async def _end(worker: Worker, hurry: asyncio.Event) -> None:
    stopping, hurrying = asyncio.create_task(worker.stop()), asyncio.create_task(hurry.wait())
    await asyncio.wait({stopping, hurrying}, return_when=asyncio.FIRST_COMPLETED)
    hurrying.cancel()
    if stopping.done():
        await stopping
        return
    _log.warning("told once more to end: what is under way is cut off")
    stopping.cancel()
    await asyncio.wait({stopping})
    await worker.stop(grace=0)
