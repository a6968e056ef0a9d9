"""What the live bus owes, and for how long nothing of it has moved."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Final

from collector.errors import BusUnavailableError
from collector.models import AppBacklog, ChannelBacklog
from collector.operations import to_models, work_models
from collector.operations.change_tracker import ChangeTracker
from collector.operations.contract import Operations
from collector.operations.link import OperationsLink
from runtime.admin import AppBacklog as Backlog
from runtime.admin import AppWorker, ChannelLedger, DueStep

_LOG: Final = logging.getLogger(__name__)

#: Seconds between two looks that nobody asked for.
LOOK_EVERY: Final = 10.0


class BacklogWatch:
    """Looks when it is asked, and now and then by itself, so that whoever asks once knows since when something stands.

    Args:
        link: the connection to the bus.
    """

    def __init__(self, link: OperationsLink) -> None:
        self._link = link
        self._groups: ChangeTracker[tuple[str, str]] = ChangeTracker()
        self._queues: ChangeTracker[tuple[str, str]] = ChangeTracker()
        self._looked_at = float("-inf")

    async def read_channels(self, operations: Operations) -> list[ChannelBacklog]:
        """Returns what every group owes."""
        self._looked_at = time.monotonic()
        ledgers = await operations.channels()
        unmoved = self._groups.measure_unchanged_seconds(_group_states(ledgers))
        return [to_models.build_channel(ledger, unmoved) for ledger in ledgers]

    async def read_apps(self, operations: Operations, workers: Sequence[AppWorker]) -> list[AppBacklog]:
        """Returns what the runs of every app owe.

        Args:
            operations: of the bus.
            workers: all that are known.
        """
        backlogs = await operations.backlogs()
        unmoved = self._queues.measure_unchanged_seconds(_queue_heads(backlogs))
        return [
            work_models.build_app_backlog(
                entry,
                _count_slots(entry, workers),
                unmoved.get((entry.runs.app, "due")),
                unmoved.get((entry.runs.app, "suspects")),
            )
            for entry in backlogs
        ]

    async def poll_forever(self) -> None:
        """Looks for ever, while somebody has connected to the bus: this never does by itself."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            # Rules of alerts look as often; then once is enough.
            if self._link.is_connected and time.monotonic() - self._looked_at > LOOK_EVERY * 0.9:
                try:
                    await self._poll()
                except BusUnavailableError:
                    pass  # whoever asks for the bus is told
                except Exception:  # noqa: BLE001 it would end all looking, silently
                    _LOG.exception("what is owed could not be looked at")

    async def _poll(self) -> None:
        async with self._link.use() as operations:
            await self.read_channels(operations)
            await self.read_apps(operations, ())


def _group_states(ledgers: Sequence[ChannelLedger]) -> dict[tuple[str, str], Hashable]:
    """Returns of every group what changes when something of it begins or ends; what comes in changes nothing."""
    return {
        (ledger.channel, group.group): (
            group.done,
            group.retrying,
            group.dead,
            group.discarded,
            group.expired,
            group.under_way,
            group.suspects,
        )
        for ledger in ledgers
        for group in ledger.groups
    }


def _queue_heads(backlogs: Sequence[Backlog]) -> dict[tuple[str, str], Hashable]:
    """Returns the first of every queue of steps: workers take the one that has been due the longest, so a queue that
    moves has another first each time."""
    heads: dict[tuple[str, str], Hashable] = {}
    for entry in backlogs:
        for queue, first in (("due", entry.runs.oldest), ("suspects", entry.runs.oldest_suspect)):
            if first is not None:
                heads[entry.runs.app, queue] = _step_key(first)
    return heads


def _step_key(first: DueStep) -> Hashable:
    return first.run, first.step


def _count_slots(entry: Backlog, workers: Sequence[AppWorker]) -> int:
    """Returns how many attempts the live workers of an app run at once: they are those that were heard of last."""
    of_app: dict[str, list[int]] = defaultdict(list)
    for worker in workers:
        if not worker.seen.record.is_cell:
            of_app[worker.app].append(worker.seen.record.concurrency)
    return sum(of_app[entry.runs.app][: entry.workers])
