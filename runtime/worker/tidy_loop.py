"""Finishes what others left: events in outboxes, unconfirmed facts, streams to trim."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import Final

from runtime.confirmation import Reports
from runtime.definitions.subscription import Subscription
from runtime.worker.loop import StopEvent, raise_first, sleep_unless_stopped
from runtime.worker.parked_cleanup import unpark_ended_work
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
        stopping: StopEvent,
        ephemeral: Sequence[Subscription] = (),
    ) -> None:
        self._kit = equipment
        self._retention = retention
        self._reports = reports
        self._groups = groups
        self._channels = sorted({*(channel for channel, _ in groups), *(one.channel for one in ephemeral)})
        self._stopping = stopping
        self._round = 0

    async def run_once(self) -> None:
        """One round, then a rest. What fails keeps nothing else from being done; it is raised after all of it."""
        self._round += 1
        outboxes = (self._kit.store.outbox, *map(self._kit.bus.outbox, self._channels))
        sweeps = (self._kit.relay.sweep(outbox, ORPHAN_MS) for outbox in outboxes)
        answers: list[object] = [*await asyncio.gather(*sweeps, return_exceptions=True)]
        for chore in self._chores():
            try:
                await chore()
            except Exception as error:  # noqa: BLE001 - raised below
                answers.append(error)
        errors = [one for one in answers if isinstance(one, BaseException)]
        raise_first(errors, self._stopping.warnings, "tidying")
        await sleep_unless_stopped(self._stopping, TIDY_EVERY)

    def _chores(self) -> Iterator[Callable[[], Awaitable[object]]]:
        """What there is to do in this round, each apart from all else."""
        bus = self._kit.bus
        for reports in self._reports:
            yield reports.confirm
            yield reports.adopt
        if self._round % TRIM_EVERY == 0:
            for channel in self._channels:
                yield partial(bus.dissolve_silent, channel)
                yield partial(bus.trim, channel)
            for channel, group in self._groups:
                yield partial(bus.reap, channel, group, FORGET_MS)
        if self._round % UNPARK_EVERY == 0:
            yield partial(unpark_ended_work, self._kit)
        if self._round % FORGET_EVERY == 1:
            yield self._retention.forget_old
