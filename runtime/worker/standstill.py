"""Says in the worker's log that due work stands still, and why as far as this worker can see."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from runtime.worker.group_loop import GroupLoop
from runtime.worker.loop import sleep_unless_stopped
from runtime.worker.slots import Slots
from runtime.worker.work import Equipment

_log = logging.getLogger("causeline.worker")

#: Seconds between two looks.
LOOK_EVERY: Final = 5.0
#: Seconds that all slots may be taken, without one that begins or ends, before due work counts as standing still.
PATIENCE: Final = 30.0
#: Seconds between two warnings of the same slots.
WARN_EVERY: Final = 60.0
#: Attempts that a warning names.
_NAMED: Final = 3


class _Watch:
    """One set of slots: since when nothing has begun or ended in it, and when that was last warned of."""

    def __init__(self, slots: Slots, now: float) -> None:
        self.slots = slots
        self._moves = -1
        self._since = now
        self._warned = now - WARN_EVERY

    def seconds_standing(self, now: float) -> float:
        """For how many seconds nothing has moved although no slot is free; 0 where one is, or it was just said."""
        moves = self.slots.begun + self.slots.ended
        if moves != self._moves or self.slots.free:
            self._moves, self._since = moves, now
        for_seconds = now - self._since
        if for_seconds < PATIENCE or now - self._warned < WARN_EVERY:
            return 0.0
        return for_seconds

    def warn(self, what: str, for_seconds: float, now: float) -> None:
        """Says what takes the slots."""
        self._warned = now
        oldest = ", ".join(f"{name} for {seconds:.0f} s" for name, seconds in self.slots.oldest_tasks(_NAMED))
        _log.warning(
            "%s: all %d slots are taken and nothing has moved for %.0f s, while more is due; under way: %s. Give them "
            "a timeout, raise CAUSELINE_CONCURRENCY, or start another worker",
            what,
            self.slots.size,
            for_seconds,
            oldest,
        )


class Standstill:
    """Watches the slots of one worker."""

    def __init__(
        self, equipment: Equipment, steps: Slots, groups: Sequence[GroupLoop], stopping: asyncio.Event
    ) -> None:
        self._kit = equipment
        self._stopping = stopping
        now = equipment.clock.monotonic()
        self._steps = _Watch(steps, now)
        self._groups = [(group, _Watch(group.slots, now)) for group in groups]

    async def run_once(self) -> None:
        """One look, then a rest."""
        now = self._kit.clock.monotonic()
        for_seconds = self._steps.seconds_standing(now)
        if for_seconds and await self._kit.store.list_due(1):
            self._steps.warn("steps", for_seconds, now)
        for group, watch in self._groups:
            for_seconds = watch.seconds_standing(now)
            one = group.subscription
            if for_seconds and await self._kit.bus.count_pending(one.channel, one.group) > watch.slots.size:
                watch.warn(f"group {one.group}", for_seconds, now)
        await sleep_unless_stopped(self._stopping, LOOK_EVERY)
