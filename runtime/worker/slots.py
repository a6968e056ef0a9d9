"""How much one worker does at once, and what it has under way."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from runtime.definitions.context import Rest

_log = logging.getLogger("causeline.worker")

#: Seconds that cancelled work is given to end.
LAST_GRACE: Final = 5.0


@dataclass(slots=True)
class _SlotUse:
    """A slot's task: when it began, and how many waits of its own are going on."""

    began: float
    waits: int = 0


class Slots:
    """A bounded set of tasks. One that waits for other work gives its slot back for as long as that takes.

    Args:
        size: tasks at most.
        what: what they are, for logs.

    Attributes:
        begun: how many have ever begun.
        ended: how many have ever ended.
    """

    def __init__(self, size: int, what: str) -> None:
        self.size = size
        self._what = what
        self._tasks: dict[asyncio.Task[None], _SlotUse] = {}
        self._taking = 0
        self._freed = asyncio.Event()
        self.begun = 0
        self.ended = 0

    @property
    def free(self) -> int:
        """How many more may begin now."""
        return max(0, self.size - sum(not taken.waits for taken in self._tasks.values()))

    @property
    def is_busy(self) -> bool:
        """Whether anything is under way, or about to be."""
        return bool(self._tasks or self._taking)

    def oldest_tasks(self, limit: int) -> list[tuple[str, float]]:
        """What has been under way the longest: its name, and for how many seconds."""
        now = time.monotonic()
        return [(task.get_name(), now - taken.began) for task, taken in list(self._tasks.items())[:limit]]

    @contextmanager
    def taking(self) -> Iterator[None]:
        """While work is being taken from the server it is nowhere else to be seen: not due any more, not begun yet."""
        self._taking += 1
        try:
            yield
        finally:
            self._taking -= 1

    def begin(self, work: Callable[[Rest], Coroutine[Any, Any, None]], name: str = "") -> asyncio.Task[None]:
        """Runs work in a slot. What it raises is logged.

        Args:
            work: is given what it enters while it waits for other work.
            name: tells it from others of its kind, for logs.
        """
        taken = _SlotUse(time.monotonic())
        task = asyncio.create_task(work(partial(self._lend, taken)), name=name or None)
        self._tasks[task] = taken
        task.add_done_callback(self._handle_task_end)
        self.begun += 1
        return task

    @contextmanager
    def _lend(self, taken: _SlotUse) -> Iterator[None]:
        # Several waits of one task at once, as in a gather, give back one slot. What waits on although its task has
        # ended has none to give.
        taken.waits += 1
        self._freed.set()
        try:
            yield
        finally:
            taken.waits -= 1

    async def wait_free(self, timeout: float) -> bool:
        """Waits for a free slot, at most `timeout` seconds; whether there is one."""
        if not self.free:
            self._freed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._freed.wait(), timeout)
        return bool(self.free)

    async def drain(self, grace: float) -> int:
        """Waits for all tasks, at most `grace` seconds, then cancels the rest; how many were cancelled. What does not
        end even so is left behind."""
        if not self._tasks:
            return 0
        if grace > 0:
            names = ", ".join(sorted(task.get_name() for task in self._tasks))
            _log.info("%s is waited for, %.0f s at most: %s", self._what, grace, names)
        deadline = time.monotonic() + grace
        while self._tasks and (left := deadline - time.monotonic()) > 0:  # one may have begun another
            await asyncio.wait(set(self._tasks), timeout=left)
        late = set(self._tasks)
        for task in late:
            task.cancel()
        if late:
            _, remaining = await asyncio.wait(late, timeout=LAST_GRACE)
            self._log_left_behind(remaining)
        return len(late)

    def _log_left_behind(self, left: Iterable[asyncio.Task[None]]) -> None:
        for task in left:
            _log.error("%s (%s) does not end although it was cancelled; it is left behind", self._what, task.get_name())

    def _handle_task_end(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        self.ended += 1
        self._freed.set()
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _log.error("%s was interrupted and will be tried again: %s", self._what, error, exc_info=error)
