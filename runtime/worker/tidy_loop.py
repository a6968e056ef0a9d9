"""Finishes what others left: events in outboxes, unconfirmed facts, streams to trim."""

import asyncio
from collections.abc import Sequence
from typing import Final

from runtime.confirmation import Reports
from runtime.definitions.subscription import Subscription
from runtime.worker.loop import rest
from runtime.worker.parked import unpark_what_is_over
from runtime.worker.retention import Retention
from runtime.worker.work import Equipment

#: Age in ms from which on an outbox entry is taken care of by a worker that it does not belong to.
ORPHAN_MS: Final = 2_000
#: Seconds between two rounds of tidying up.
TIDY_EVERY: Final = 1.0
#: Silence in ms after which a consumer that holds nothing is forgotten.
FORGET_MS: Final = 3600 * 1000
#: Rounds of tidying up between two trims.
TRIM_EVERY: Final = 10
#: Rounds of tidying up between two looks at what is parked under budgets.
UNPARK_EVERY: Final = 2
#: Rounds of tidying up between two in which old things are removed.
FORGET_EVERY: Final = 60


class TidyLoop:
    """Tidies up for one app.

    Args:
        equipment: of the worker.
        retention: forgets what is old.
        reports: whose facts are confirmed, and adopted from workers that are gone.
        groups: channels and groups that the app serves.
        stopping: set when the worker is told to stop.
        ephemeral: subscriptions for which each worker has a group of its own.
    """

    def __init__(
        self,
        equipment: Equipment,
        retention: Retention,
        reports: Sequence[Reports],
        groups: Sequence[tuple[str, str]],
        stopping: asyncio.Event,
        ephemeral: Sequence[Subscription] = (),
    ) -> None:
        self._kit = equipment
        self._retention = retention
        self._reports = reports
        self._groups = groups
        self._channels = sorted({*(channel for channel, _ in groups), *(one.channel for one in ephemeral)})
        self._stopping = stopping
        self._round = 0

    async def turn(self) -> None:
        """One round, then a rest."""
        bus, relay = self._kit.bus, self._kit.relay
        outboxes = (self._kit.store.outbox, *map(bus.outbox, self._channels))
        await asyncio.gather(*(relay.sweep(outbox, ORPHAN_MS) for outbox in outboxes))
        for reports in self._reports:
            await reports.confirm()
            await reports.adopt()
        self._round += 1
        if self._round % TRIM_EVERY == 0:
            for channel in self._channels:
                await bus.dissolve_silent(channel)
                await bus.trim(channel)
            for channel, group in self._groups:
                await bus.reap(channel, group, FORGET_MS)
        if self._round % UNPARK_EVERY == 0:
            await unpark_what_is_over(self._kit)
        if self._round % FORGET_EVERY == 1:
            await self._retention.forget()
        await rest(self._stopping, TIDY_EVERY)
