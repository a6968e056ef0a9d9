"""How much one worker does at once, and what it has under way."""

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

_log = logging.getLogger("causeline.worker")

#: Seconds that cancelled work is given to say goodbye.
LAST_GRACE: Final = 5.0


class Slots:
    """A bounded set of tasks.

    Args:
        size: tasks at most.
        what: what they are, for logs.

    Attributes:
        begun: how many have ever begun.
    """

    def __init__(self, size: int, what: str) -> None:
        self._size = size
        self._what = what
        self._tasks: set[asyncio.Task[None]] = set()
        self._extra: set[asyncio.Task[None]] = set()
        self._taking = 0
        self._freed = asyncio.Event()
        self.begun = 0

    @property
    def free(self) -> int:
        """How many more may begin now."""
        return max(0, self._size - len(self._tasks))

    @property
    def busy(self) -> bool:
        """Whether anything is under way, or about to be."""
        return bool(self._tasks or self._extra or self._taking)

    @contextmanager
    def taking(self) -> Iterator[None]:
        """While work is being taken from the server it is nowhere else to be seen: not due any more, not begun yet."""
        self._taking += 1
        try:
            yield
        finally:
            self._taking -= 1

    def begin(self, work: Coroutine[Any, Any, None], name: str = "", *, alone: bool = False) -> asyncio.Task[None]:
        """Runs work in a slot. What it raises is logged: its lease expires, and another attempt follows.

        Args:
            work: what to do.
            name: tells it from others of its kind, for logs.
            alone: it takes no slot: it waits until nothing else runs, and slots are for those that run meanwhile.
        """
        task = asyncio.create_task(work, name=name or None)
        (self._extra if alone else self._tasks).add(task)
        task.add_done_callback(self._done)
        self.begun += 1
        return task

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
        tasks = self._tasks | self._extra
        if not tasks:
            return 0
        if grace > 0:
            names = ", ".join(sorted(task.get_name() for task in tasks))
            _log.info("%s is waited for, %.0f s at most: %s", self._what, grace, names)
        _, late = await asyncio.wait(tasks, timeout=grace)
        for task in late:
            task.cancel()
        if late:
            _, left = await asyncio.wait(late, timeout=LAST_GRACE)
            self._tell_left(left)
        return len(late)

    def _tell_left(self, left: Iterable[asyncio.Task[None]]) -> None:
        for task in left:
            _log.error(
                "%s (%s) goes on although it was cancelled; it is left behind, and will be tried again when its lease "
                "is over",
                self._what,
                task.get_name(),
            )

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._extra.discard(task)
        self._freed.set()
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _log.error("%s was interrupted and will be tried again: %s", self._what, error, exc_info=error)
