"""Has work go on whose worker is gone."""

import asyncio
import logging
import random
from collections.abc import Sequence
from typing import Final

from runtime.bus.deliveries import Loss
from runtime.definitions.subscription import Subscription
from runtime.errors import ServerError
from runtime.state.presence import Presence, WorkerRecord
from runtime.worker.cells import Isolation
from runtime.worker.loop import sleep_unless_stopped
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
        isolation: Isolation,
        stopping: asyncio.Event,
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
        self._next_expiry = self._expiry()

    async def run_once(self) -> None:
        """One look, then a rest."""
        try:
            await self._forfeit_from_the_gone()
            await self._expire_leases()
            await self.look()
        except ServerError:
            self._connected_since = None
            raise
        await sleep_unless_stopped(self._stopping, LOOK_EVERY * random.uniform(0.7, 1.3))

    async def look(self) -> None:
        """Has what has been taken run, as far as there is room."""
        await self._isolation.look()

    async def forfeit(self, consumer: str, loss: Loss) -> int:
        """Takes all that a worker held which is gone; how much."""
        taken = await self._kit.store.forfeit(consumer, loss)
        for channel, group in self._groups:
            taken += await self._kit.bus.forfeit(channel, group, consumer, loss)
        for one in self._ephemeral:
            await self._kit.bus.dissolve(one.channel, one.of(consumer).group)
        await self._presence.leave(consumer)
        if taken:
            _log.warning("worker %s is gone (%s), and its work goes on: %d under way", consumer, loss, taken)
        return taken

    async def _forfeit_from_the_gone(self) -> None:
        gone = await self._presence.gone(SILENT_MS)
        now = self._kit.clock.monotonic()
        if self._connected_since is None or self._may_be_out_of_reach(gone):
            self._connected_since = now
        # After an outage of the server others may not have come back yet: they are given as long as this worker had.
        if now - self._connected_since < SILENT_MS / 1000:
            return
        for worker in gone:
            await self.forfeit(worker.consumer, "vanished" if worker.is_cell else "lost")

    def _may_be_out_of_reach(self, gone: Sequence[WorkerRecord]) -> bool:
        """Whether this worker was not heard itself: a server that comes and goes may be there whenever one looks."""
        known, self._beats_lost = self._beats_lost, self._kit.heartbeat.lost
        return self._beats_lost != known or any(worker.consumer == self._kit.consumer for worker in gone)

    async def _expire_leases(self) -> None:
        if self._kit.clock.monotonic() < self._next_expiry:
            return
        self._next_expiry = self._expiry()
        for channel, group in self._groups:
            await self._kit.bus.expire(channel, group, self._kit.lease_ms)

    def _expiry(self) -> float:
        """When to look for leases that are over: at a random time, so that workers don't all look at once."""
        return self._kit.clock.monotonic() + self._kit.lease_ms / 1000 * random.uniform(0.3, 0.7)
