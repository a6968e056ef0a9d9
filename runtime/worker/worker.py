"""A worker: claims an app's steps and reads its groups, until it is told to stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from runtime.bus.deliveries import Loss
from runtime.client.session import Session
from runtime.definitions.serving import ALL, Serving
from runtime.definitions.subscription import is_owned
from runtime.errors import ServerError
from runtime.rabbitmq.factories import build_broker
from runtime.state.presence import new_consumer
from runtime.supervisor.threads import run_in_thread
from runtime.worker.assembly import build_equipment, build_schedule_loop, describe_worker
from runtime.worker.cell_order import CellOrder
from runtime.worker.cells import CellSuspectRunner, LocalSuspectRunner, SuspectRunner
from runtime.worker.deadline_loop import DeadlineLoop
from runtime.worker.garbage import StartupObjects
from runtime.worker.group_loop import GroupLoop
from runtime.worker.guard import declare_breakers
from runtime.worker.heartbeat import Heartbeat, make_connector
from runtime.worker.inbound_loop import InboundLoop
from runtime.worker.link import ParentLink, ParentMessage
from runtime.worker.loop import StopEvent, repeat_until_stopped
from runtime.worker.ordered_group_loop import OrderedGroupLoop
from runtime.worker.recovery_loop import RecoveryLoop
from runtime.worker.retention import Retention, RetentionAges
from runtime.worker.shadowing import declare_successors
from runtime.worker.slots import Slots
from runtime.worker.standstill import Standstill
from runtime.worker.step_loop import StepLoop
from runtime.worker.tidy_loop import TidyLoop
from runtime.worker.unserved_agents import UnservedAgentLoop
from runtime.worker.workflow_declaration import declare_workflows

_log = logging.getLogger("causeline.worker")

#: Seconds that loops have to notice that they are to stop; what waits for a silent server is cut off.
_LOOPS_END: Final = 2.0
_LOOK_EVERY: Final = 0.05


class Worker:
    """Works for one session.

    Args:
        session: connected; stays open when the worker stops.
        concurrency: step attempts, and delivery attempts of each group, at once; by default the setting.
        consumer: its name; by default a new one. Never reused: a name together with an entry is a fencing token.
        link: to the parent that starts cells for it, if it has one.
        serving: what of the app it does; by default all.
    """

    def __init__(
        self,
        session: Session,
        concurrency: int | None = None,
        consumer: str = "",
        link: ParentLink | None = None,
        serving: Serving = ALL,
    ) -> None:
        app, settings = session.app, session.settings
        size = concurrency or settings.concurrency
        self._session = session
        self._link = link
        self._stopping = StopEvent()
        self._standing = StartupObjects()
        self._tasks: set[asyncio.Task[None]] = set()
        self._parent_ends = False
        self.consumer = consumer or new_consumer()
        groups = [(one.channel, one.group) for one in app.subscriptions if not one.ephemeral]
        self._served = [one.for_consumer(self.consumer) for one in serving.groups(app)]
        record = describe_worker(session, self.consumer, size, cells=link is not None, serving=serving)
        connect = make_connector(session.server.url, app.name, settings)
        served = [(one.channel, one.group) for one in self._served]
        self._heartbeat = Heartbeat(connect, record, served, settings.lease)
        self._kit = build_equipment(session, self.consumer, self._heartbeat, isolated=link is None)
        self._step_slots = Slots(size, "a step attempt")
        self._steps = StepLoop(app, self._kit, self._step_slots, self._stopping, serving)
        self._does_steps = bool(app.workflows) and serving.only != "groups"
        self._groups = [
            (OrderedGroupLoop if one.order_by else GroupLoop)(
                one, self._kit, Slots(one.at_once or size, f"a delivery to {one.group}"), self._stopping
            )
            for one in self._served
        ]
        self._cells = CellSuspectRunner(self._kit, self._steps, self._groups, size, link.order_cell) if link else None
        isolation: SuspectRunner = self._cells or LocalSuspectRunner(
            self._kit, session.presence, self._steps, self._groups
        )
        ephemeral = [one for one in app.subscriptions if one.ephemeral]
        self._recovery = RecoveryLoop(self._kit, session.presence, groups, isolation, self._stopping, ephemeral)
        retention = Retention(self._kit, RetentionAges.of(settings))
        self._tidy = TidyLoop(
            self._kit, retention, (self._kit.ends, self._kit.letters), groups, self._stopping, ephemeral
        )
        self._standstill = Standstill(self._kit, self._step_slots, self._groups, self._stopping)
        self._deadlines = DeadlineLoop(self._kit, self._stopping)
        self._schedules = build_schedule_loop(session, self._kit, self._stopping)
        self._inbounds = [InboundLoop(one, session, self._stopping) for one in serving.inbounds(app)]
        self._unserved = UnservedAgentLoop(self._kit, session.presence, self._stopping)

    async def start(self) -> None:
        """Begins to work in the background.

        Raises:
            SettingsError: the app names queues or exchanges of RabbitMQ, and the settings no server.
        """
        if self._session.app.has_bridge and self._session.bridge is None:
            build_broker(self._session.settings, self._session.app.name)
        await run_in_thread(self._heartbeat.start)
        self._standing.freeze()
        await self._warn_of_unserved_groups()
        await declare_breakers(self._kit.breakers, self._session.app)
        await declare_successors(self._kit.shadows, self._session.app)
        await declare_workflows(self._session.presence, self._session.app)
        await self._steps.shapes.warn_of_other_shapes()
        if self._does_steps:
            self._spawn_loop("steps", self._steps.run_once)
            self._spawn_loop("lanes", self._unserved.run_once)
        for group in self._groups:
            if group.subscription.ephemeral:
                await group.register()
            for what, turn in group.loops.items():
                self._spawn_loop(what, turn)
        for inbound in self._inbounds:
            self._spawn_loop(inbound.what, inbound.run_once)
        self._spawn_loop("recovery", self._recovery.run_once)
        self._spawn_loop("tidying", self._tidy.run_once)
        self._spawn_loop("standstill", self._standstill.run_once)
        self._spawn_loop("deadlines", self._deadlines.run_once)
        if self._session.app.schedules:
            self._spawn_loop("schedules", self._schedules.run_once)
        if self._link is not None:
            asyncio.get_running_loop().add_reader(self._link.news.descriptor, self._read_news)
            self._link.send_ready()

    async def stop(self, grace: float) -> None:
        """Ends in order: takes nothing more, lets what is under way end, then says goodbye.

        Args:
            grace: seconds to wait for work under way; what is later is cancelled, and tried again elsewhere.
        """
        self._stopping.set()
        self._standing.unfreeze()
        await self._end_tasks()
        cancelled = sum(await asyncio.gather(*(slots.drain(grace) for slots in self._slots)))
        if cancelled:
            _log.warning("%d attempts did not end within %.0f s; they will be tried again", cancelled, grace)
        await self._see_cells_end()
        # Before the goodbye: a renewal under way would have groups count this worker again.
        await run_in_thread(self._heartbeat.stop)
        await self._say_goodbye()

    async def drain(self, timeout: float) -> bool:
        """Waits until nothing is due any more, neither steps nor deliveries of the app's groups; retries that wait for
        later don't count.

        Args:
            timeout: seconds at most.

        Returns:
            Whether all was done in time.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while loop.time() < deadline:
            if await self._is_idle():
                return True
            await asyncio.sleep(_LOOK_EVERY)
        return False

    async def _warn_of_unserved_groups(self) -> None:
        """Says which groups of the app its code does not serve any more: what they owe waits for nobody."""
        app = self._session.app
        served = {(one.channel, one.group) for one in app.subscriptions}
        for channel, group in await self._kit.bus.groups_of(app.name):
            if (channel, group) not in served and not is_owned(group):
                _log.warning(
                    "group %s of channel %s has no handler in app %s any more: was it renamed? Its events wait, and "
                    "become dead letters when the channel is full; `causeline groups retire %s %s` removes it",
                    group,
                    channel,
                    app.name,
                    channel,
                    group,
                )

    def _read_news(self) -> None:
        link = self._link
        if link is not None and not link.read_messages(self._handle_news):
            self._parent_ends = False  # it is gone, and tells nothing any more
            asyncio.get_running_loop().remove_reader(link.news.descriptor)

    def _handle_news(self, news: ParentMessage) -> None:
        cells = self._cells
        if cells is None:
            return
        match news.what:
            case "running":
                cells.note_running(news.order or CellOrder(news.consumer))
            case "holds":
                cells.note_holding(news.consumer)
            case "rests":
                cells.note_resting(news.consumer)
                self._start_task("look", self._run_suspects())
            case "works":
                cells.note_working(news.consumer)
            case "ending":
                self._parent_ends = True
            case "lost" | "killed" | "ended":
                cells.note_ended(news.consumer)
                loss: Loss = "killed" if news.what == "killed" else "lost"
                self._start_task(f"forfeit of {news.consumer}", self._forfeit(news.consumer, loss))

    async def _forfeit(self, consumer: str, loss: Loss) -> None:
        taken = await self._kit.ask_until_answered(lambda: self._recovery.forfeit(consumer, loss))
        if taken or loss == "lost":  # a cell that died before it had its work is not tried again at once
            await self._run_suspects()

    async def _run_suspects(self) -> None:
        """Looks for what waits for a cell out of the loop's order: there may be room now, or something new."""
        if self._stopping.is_set():
            return
        try:
            await self._recovery.run_suspects()
        except ServerError as error:
            _log.debug("left to the next turn: %s", error)

    async def _see_cells_end(self) -> None:
        """Gives back what cells held that end with their parent, so that nobody takes their deaths for their work's
        doing. The parent sees to it that they end in time."""
        while self._parent_ends and self._cells is not None and self._cells.has_running_cells:  # noqa: ASYNC110 - or a parent
            await asyncio.sleep(_LOOK_EVERY)
        if self._link is not None:
            asyncio.get_running_loop().remove_reader(self._link.news.descriptor)
        await self._end_tasks()

    async def _end_tasks(self) -> None:
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=_LOOPS_END)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=_LOOPS_END)

    async def _say_goodbye(self) -> None:
        """Gives back what was read and never begun, and what is left behind; then nobody has to wait for a lease."""
        try:
            await self._kit.ends.confirm()
            await self._kit.letters.confirm()
            await self._schedules.confirm()
            await self._recovery.forfeit(self.consumer, "lost")
        except ServerError as error:
            _log.warning("others go on with the work of this worker when its leases are over: %s", error)

    async def _is_idle(self) -> bool:
        # Idle is certain only if two checks found nothing and no attempt began between them.
        begun = self._count_begun()
        if self._is_busy() or (self._does_steps and await self._steps.due(1)) or await self._steps.suspects(1):
            return False
        for one in self._served:
            if await self._session.bus.count_pending(one.channel, one.group):
                return False
        return not self._is_busy() and begun == self._count_begun()

    def _is_busy(self) -> bool:
        return any(slots.is_busy for slots in self._slots)

    def _count_begun(self) -> int:
        return sum(slots.begun for slots in self._slots)

    @property
    def _slots(self) -> tuple[Slots, ...]:
        return (self._step_slots, *(group.slots for group in self._groups))

    def _spawn_loop(self, what: str, turn: Callable[[], Awaitable[Any]]) -> None:
        self._start_task(what, repeat_until_stopped(self._stopping, turn, what))

    def _start_task(self, what: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=f"causeline {what}")
        self._tasks.add(task)
        task.add_done_callback(self._handle_task_end)

    def _handle_task_end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:  # nobody waits for it
            _log.error("%s failed in a way that nobody thought of: %s", task.get_name(), error, exc_info=error)
