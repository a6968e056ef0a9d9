"""Says in the worker's log that steps are due for an agent that no live worker serves."""

import asyncio
import logging
from typing import Final

from runtime.state.presence import Presence
from runtime.state.runs import Lane
from runtime.worker.loop import sleep_unless_stopped
from runtime.worker.work import Equipment

_log = logging.getLogger("causeline.worker")

#: Seconds between two looks.
LOOK_EVERY: Final = 5.0
#: How long a step may be due, in ms, before it is said: a worker that was started again is back by then.
PATIENCE_MS: Final = 5_000
#: Silence in ms after which a worker counts as gone here.
SILENT_MS: Final = 5_000
#: Seconds between two warnings of the same agent.
WARN_EVERY: Final = 60.0


class UnservedAgentLoop:
    """Looks at what was set aside.

    Args:
        equipment: of the worker.
        presence: knows the app's workers.
        stopping: set when the worker is told to stop.
    """

    def __init__(self, equipment: Equipment, presence: Presence, stopping: asyncio.Event) -> None:
        self._kit = equipment
        self._presence = presence
        self._stopping = stopping
        self._warned: dict[str, float] = {}

    async def run_once(self) -> None:
        """One look, then a rest."""
        await self.warn_of_unserved()
        await sleep_unless_stopped(self._stopping, LOOK_EVERY)

    async def warn_of_unserved(self) -> None:
        """Warns of each agent that has work and no worker."""
        waiting = [lane for lane in await self._kit.store.lanes() if lane.oldest.for_ms >= PATIENCE_MS]
        if not waiting:
            return
        records = [one.record for one in await self._presence.workers() if one.is_live(SILENT_MS)]
        for lane in waiting:
            if not any(record.does_steps_for(lane.agent) for record in records):
                self._warn(lane)

    def _warn(self, lane: Lane) -> None:
        now = self._kit.clock.monotonic()
        if now - self._warned.get(lane.agent, -WARN_EVERY) < WARN_EVERY:
            return
        self._warned[lane.agent] = now
        _log.warning(
            "%d steps are due for agent %s, the first (%s of workflow %s) for %.0f s, and no live worker serves it: "
            "start one with --agent %s, or one that does all",
            lane.due,
            lane.agent,
            lane.oldest.step,
            lane.oldest.workflow,
            lane.oldest.for_ms / 1000,
            lane.agent,
        )
