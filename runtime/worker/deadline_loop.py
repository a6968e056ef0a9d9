"""Ends runs whose deadline has passed. Each worker looks; whoever comes first ends a run, however late that is."""

import asyncio
import logging
from typing import Final
from uuid import UUID

from runtime.clock import format_time
from runtime.worker.loop import sleep_unless_stopped
from runtime.worker.work import Equipment

_log = logging.getLogger("causeline.worker")

#: Seconds between two looks, at most: a run that was just started may have to end that soon.
LOOK_EVERY: Final = 1.0
#: Runs that are ended in one go.
_BATCH: Final = 100


class DeadlineLoop:
    """Ends the runs of one app. Args: `equipment` of the worker; `stopping`, set when it is told to stop."""

    def __init__(self, equipment: Equipment, stopping: asyncio.Event) -> None:
        self._kit = equipment
        self._stopping = stopping

    async def run_once(self) -> None:
        """One look, then a rest, until the next deadline."""
        overdue = await self._kit.store.find_overdue(_BATCH)
        for run in overdue.runs:
            await self._end_run(run)
        if len(overdue.runs) < _BATCH:
            await sleep_unless_stopped(self._stopping, min(LOOK_EVERY, overdue.next_s))

    async def _end_run(self, run: UUID) -> None:
        store = self._kit.store
        record = await store.get(run)
        waited = [f"{one.name!r} (step {one.step})" for one in await store.waits(run)]
        due = format_time(record.deadline_ms) if record and record.deadline_ms else "then"
        words = f"it had to have ended by {due}" + (f"; it waited for {', '.join(waited)}" if waited else "")
        ended = await store.expire(run, words)
        if ended is None:
            return
        _log.warning("run %s was not done by its deadline, and has failed: %s", run, words)
        record = await store.get(run)
        if record is not None and record.is_over:
            self._kit.ends.emit(record)
