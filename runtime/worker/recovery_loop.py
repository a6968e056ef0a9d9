"""Has work go on whose worker is gone."""

import logging
import random
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final

from runtime.bus.deliveries import Loss
from runtime.definitions.subscription import Subscription
from runtime.errors import ServerUnavailableError
from runtime.state.presence import Presence, WorkerRecord
from runtime.worker.cells import SuspectRunner
from runtime.worker.loop import StopEvent, attempt_each, raise_first, sleep_unless_stopped
from runtime.worker.work import Equipment

_log = logging.getLogger("causeline.worker")

#: Seconds between two looks.
LOOK_EVERY: Final = 0.5
#: A worker is gone whose connection has ended and that gave no sign of life for so many ms. Workers give one a second,
#: and try each second to connect again.
SILENT_MS: Final = 3_000


class RecoveryLoop:
    """Looks for workers that are gone and for leases that are over, and has what they held run again.

    Args:
        equipment: of the worker.
        presence: knows the app's workers.
        groups: channels and groups that the app serves.
        isolation: runs what has been taken over.
        stopping: set when the worker is told to stop.
        ephemeral: subscriptions for which each worker has a group of its own.
    """

    def __init__(
        self,
        equipment: Equipment,
        presence: Presence,
        groups: Sequence[tuple[str, str]],
        isolation: SuspectRunner,
        stopping: StopEvent,
        ephemeral: Sequence[Subscription] = (),
    ) -> None:
        self._ephemeral = ephemeral
        self._kit = equipment
        self._presence = presence
        self._groups = groups
        self._isolation = isolation
        self._stopping = stopping
        self._connected_since: float | None = None
        self._beats_lost = 0
        self._next_expiry = self._choose_expiry_time()

    async def run_once(self) -> None:
        """One look, then a rest. A server that is away ends it; what else fails keeps nothing else from being done, and
        is raised after all of it."""
        try:
            await self._do_each((self._forfeit_from_the_gone, self._expire_leases, self.run_suspects))
        except ServerUnavailableError:
            self._connected_since = None
            raise
        await sleep_unless_stopped(self._stopping, LOOK_EVERY * random.uniform(0.7, 1.3))

    async def run_suspects(self) -> None:
        """Has what has been taken run, as far as there is room."""
        await self._isolation.run_suspects()

    async def forfeit(self, consumer: str, loss: Loss) -> int:
        """Takes all that a worker held which is gone; returns how much. Where some of it can't be taken, the rest is,
        and the worker stays known, so that the next look tries again."""
        taken, errors = await attempt_each(self._forfeits(consumer, loss))
        if under_way := sum(taken):
            _log.warning("worker %s is gone (%s), and its work goes on: %d under way", consumer, loss, under_way)
        self._raise_first(errors)
        for one in self._ephemeral:
            await self._kit.bus.dissolve(one.channel, one.for_consumer(consumer).group)
        await self._presence.leave(consumer)
        return under_way

    def _forfeits(self, consumer: str, loss: Loss) -> Iterator[Callable[[], Awaitable[int]]]:
        """Yields what takes the steps, then the deliveries of each group, that a worker held."""
        yield partial(self._kit.store.forfeit, consumer, loss)
        for channel, group in self._groups:
            yield partial(self._kit.bus.forfeit, channel, group, consumer, loss)

    async def _forfeit_from_the_gone(self) -> None:
        gone = await self._presence.list_gone_workers(SILENT_MS)
        now = self._kit.clock.monotonic()
        if self._connected_since is None or self._may_be_out_of_reach(gone):
            self._connected_since = now
        # After an outage of the server others may not have come back yet: they are given as long as this worker had.
        if now - self._connected_since < SILENT_MS / 1000:
            return
        await self._do_each(partial(self.forfeit, one.consumer, "vanished" if one.is_cell else "lost") for one in gone)

    def _may_be_out_of_reach(self, gone: Sequence[WorkerRecord]) -> bool:
        """Whether this worker was not heard itself: a server that comes and goes may be there whenever one looks."""
        known, self._beats_lost = self._beats_lost, self._kit.heartbeat.lost
        return self._beats_lost != known or any(worker.consumer == self._kit.consumer for worker in gone)

    async def _expire_leases(self) -> None:
        if self._kit.clock.monotonic() < self._next_expiry:
            return
        self._next_expiry = self._choose_expiry_time()
        bus, lease_ms = self._kit.bus, self._kit.lease_ms
        await self._do_each(partial(bus.expire, *group, lease_ms) for group in self._groups)

    def _choose_expiry_time(self) -> float:
        """When to look for leases that are over: at a random time, so that workers don't all look at once."""
        return self._kit.clock.monotonic() + self._kit.lease_ms / 1000 * random.uniform(0.3, 0.7)

    async def _do_each(self, chores: Iterable[Callable[[], Awaitable[object]]]) -> None:
        """Does each chore, whatever became of those before it; raises the first error after all of them."""
        _, errors = await attempt_each(chores)
        self._raise_first(errors)

    def _raise_first(self, errors: Sequence[Exception]) -> None:
        raise_first(errors, self._stopping.warnings, "recovery")
