"""What a worker does again and again until it is told to stop: take tasks, read groups, promote, reclaim, tidy up."""

import asyncio
import logging
import random
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from redis.exceptions import RedisError

from runtime.bus.contract import Delivery
from runtime.bus.keys import ChannelKeys
from runtime.bus.redis import RedisBus
from runtime.confirmation import News
from runtime.definitions.subscription import Subscription
from runtime.definitions.workflow import BuiltWorkflow
from runtime.errors import GroupLostError
from runtime.outbox.relay import Relay
from runtime.state.contract import StateStore, Task
from runtime.worker.delivery_engine import DeliveryEngine
from runtime.worker.heartbeat import Heartbeat
from runtime.worker.slots import Slots
from runtime.worker.step_engine import StepEngine

_log = logging.getLogger("causeline.worker")

#: Seconds that a blocking read or wait takes at most, so that a worker notices soon that it is to stop.
BLOCK: Final = 0.25
#: Seconds to rest after the server did not answer.
REST_AFTER_ERROR: Final = 1.0
#: Due tasks that are looked at in one go.
LOOK_AT: Final = 100
#: Age in ms from which on an outbox entry is taken care of by a worker that it does not belong to.
ORPHAN_MS: Final = 2_000
#: Seconds between two rounds of tidying up.
TIDY_EVERY: Final = 1.0
#: Silence in ms after which a consumer that holds nothing is forgotten.
FORGET_MS: Final = 3600 * 1000
#: Rounds of tidying up between two trims.
TRIM_EVERY: Final = 10


async def forever(stopping: asyncio.Event, work: Callable[[], Awaitable[object]], what: str) -> None:
    """Does work until told to stop; a server that is away is waited for."""
    while not stopping.is_set():
        try:
            await work()
        except RedisError as error:
            _log.warning("%s: the server does not answer, next try in %.0f s: %s", what, REST_AFTER_ERROR, error)
            await rest(stopping, REST_AFTER_ERROR)
        except Exception:  # noqa: BLE001 - whatever it is, the loop goes on
            # Nobody would notice a loop that has ended: its group would stand still while the worker looks alive.
            _log.exception("%s: failed in a way that nobody thought of, next try in %.0f s", what, REST_AFTER_ERROR)
            await rest(stopping, REST_AFTER_ERROR)


async def rest(stopping: asyncio.Event, seconds: float) -> None:
    """Waits, but not past the order to stop."""
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return


class StepLoop:
    """Claims due tasks and runs them."""

    def __init__(
        self,
        workflows: Mapping[str, BuiltWorkflow],
        store: StateStore,
        engine: StepEngine,
        slots: Slots,
        lease_ms: int,
        stopping: asyncio.Event,
    ) -> None:
        self._workflows = workflows
        self._store = store
        self._engine = engine
        self._slots = slots
        self._lease_ms = lease_ms
        self._stopping = stopping
        self._strange: set[tuple[str, str]] = set()

    async def turn(self) -> None:
        """Fills free slots once, or waits a little for something to do."""
        if not await self._slots.wait_free(BLOCK) or self._stopping.is_set():
            return
        claimed = [await self._claim(task) for task in await self.due(self._slots.free)]
        if not any(claimed):
            await self._store.wait(BLOCK)

    async def due(self, wanted: int) -> list[Task]:
        """Tasks that this worker can do, oldest first; those of other versions may stand before them in any number."""
        found: list[Task] = []
        skip = 0
        while len(found) < wanted:
            page = await self._store.due(LOOK_AT, skip)
            found += [task for task in page if self._knows(task)]
            skip += len(page)
            if len(page) < LOOK_AT:
                break
        return found[:wanted]

    def _knows(self, task: Task) -> bool:
        workflow = self._workflows.get(task.workflow)
        if workflow is not None and task.step in workflow.steps:
            return True
        if (task.workflow, task.step) not in self._strange:
            self._strange.add((task.workflow, task.step))
            _log.warning(
                "step %s of workflow %s is due, and this worker does not know it: was it renamed while runs were going "
                "on? They wait for a worker that does",
                task.step,
                task.workflow,
            )
        return False

    async def _claim(self, task: Task) -> bool:
        built = self._workflows[task.workflow].steps[task.step]
        token = secrets.token_hex(8)
        with self._slots.taking():
            claim = await self._store.claim(task, token, self._lease_ms, built.upstream)
            if claim is not None:
                self._slots.begin(self._engine.run(claim), task.member, alone=claim.died)
        return claim is not None


class GroupLoop:
    """Reads one group's deliveries and runs them; hands its due retries on; takes over from dead workers."""

    def __init__(
        self,
        subscription: Subscription,
        *,
        bus: RedisBus,
        consumer: str,
        engine: DeliveryEngine,
        heartbeat: Heartbeat,
        slots: Slots,
        lease: float,
        stopping: asyncio.Event,
    ) -> None:
        self.subscription = subscription
        self._bus = bus
        self._consumer = consumer
        self._engine = engine
        self._heartbeat = heartbeat
        self._slots = slots
        self._lease = lease
        self._stopping = stopping

    async def read(self) -> None:
        """Takes as many deliveries as there are free slots, or waits a little for one. Never more: an entry that
        waits in a worker's memory is an entry that its death delays."""
        if not await self._slots.wait_free(BLOCK) or self._stopping.is_set():
            return
        channel, group = self.subscription.channel, self.subscription.group
        try:
            found = await self._bus.read(channel, group, self._consumer, self._slots.free, int(BLOCK * 1000))
        except GroupLostError as error:
            _log.warning("%s", error)
            await self._bus.subscribe(channel, group, self.subscription.schema)
            return
        for delivery in found:
            self._begin(delivery, alone=False)

    async def promote(self) -> None:
        """Hands due retries to the group, then rests until the next is due."""
        due_ms = await self._bus.promote(self.subscription.channel, self.subscription.group)
        await rest(self._stopping, BLOCK if due_ms is None else min(BLOCK, due_ms / 1000))

    async def reclaim(self) -> None:
        """Takes over what a dead worker held; at a random time, so that workers don't all look at once. One by one:
        each runs alone, and what waits for its turn is left for other workers to take."""
        await rest(self._stopping, self._lease * random.uniform(0.3, 0.7))
        channel, group = self.subscription.channel, self.subscription.group
        idle_ms = int(self._lease * 1000)
        while not self._stopping.is_set():
            found = await self._bus.reclaim(channel, group, self._consumer, idle_ms, 1)
            if not found:
                return
            for delivery in found:
                if not self._heartbeat.holds(delivery):
                    await self._end_of(self._begin(delivery, alone=True))

    def _begin(self, delivery: Delivery, *, alone: bool) -> asyncio.Task[None]:
        return self._slots.begin(self._engine.run(delivery), f"{delivery.channel} {delivery.event_id}", alone=alone)

    async def _end_of(self, task: asyncio.Task[None]) -> None:
        while not task.done() and not self._stopping.is_set():
            await asyncio.wait({task}, timeout=BLOCK)


class TidyLoop:
    """Finishes what others left: events in outboxes, ends and dead letters that nobody told, streams to trim."""

    def __init__(
        self,
        *,
        bus: RedisBus,
        relay: Relay,
        news: Sequence[News],
        run_outbox: str,
        groups: list[tuple[str, str]],
        stopping: asyncio.Event,
    ) -> None:
        self._bus = bus
        self._relay = relay
        self._news = news
        self._groups = groups
        self._channels = sorted({channel for channel, _ in groups})
        self._outboxes = [run_outbox, *(ChannelKeys(channel).outbox for channel in self._channels)]
        self._stopping = stopping
        self._round = 0

    async def turn(self) -> None:
        """One round, then a rest."""
        for outbox in self._outboxes:
            await self._relay.sweep(outbox, ORPHAN_MS)
        for one in self._news:
            await one.confirm()
            await one.adopt()
        self._round += 1
        if self._round % TRIM_EVERY == 0:
            for channel in self._channels:
                await self._bus.trim(channel)
            for channel, group in self._groups:
                await self._bus.reap(channel, group, FORGET_MS)
        await rest(self._stopping, TIDY_EVERY)
