"""Something that each event loop has one of: opened by its first user, closed by its last."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

Thing = TypeVar("Thing")


@dataclass(slots=True)
class _Entry(Generic[Thing]):
    opening: "asyncio.Task[Thing]"
    users: int = 0


class PerLoop(Generic[Thing]):
    """Counts the users of each event loop's own thing. Any thread may use it, each with its own loop.

    Args:
        open_: makes the thing for the event loop that it is called in.
    """

    def __init__(self, open_: Callable[[], Awaitable[Thing]]) -> None:
        self._open = open_
        self._lock = threading.Lock()
        self._entries: WeakKeyDictionary[asyncio.AbstractEventLoop, _Entry[Thing]] = WeakKeyDictionary()

    @property
    def current(self) -> Thing | None:
        """The running event loop's thing; None where it has none, or no event loop runs."""
        try:
            entry = self._entries.get(asyncio.get_running_loop())
        except RuntimeError:
            return None
        is_open = entry is not None and entry.opening.done() and not entry.opening.cancelled()
        return entry.opening.result() if entry is not None and is_open and not entry.opening.exception() else None

    async def acquire(self) -> Thing:
        """Opens the thing, or shares what another user has opened or is just opening.

        Raises:
            whatever opening it raises.
        """
        loop = asyncio.get_running_loop()
        with self._lock:
            entry = self._entries.get(loop)
            if entry is None:
                entry = self._entries[loop] = _Entry(asyncio.ensure_future(self._opened()))
            entry.users += 1
        try:
            # Whoever gives up waiting must not take the thing from others that wait.
            return await asyncio.shield(entry.opening)
        except BaseException:
            self._give_up(loop, entry)
            raise

    async def release(self, close: Callable[[Thing], Awaitable[None]]) -> None:
        """Lets go of the thing; the last user closes it."""
        loop = asyncio.get_running_loop()
        with self._lock:
            entry = self._entries.get(loop)
            if entry is None:
                return
            entry.users -= 1
            if entry.users > 0:
                return
            del self._entries[loop]
        await close(entry.opening.result())

    async def _opened(self) -> Thing:
        return await self._open()

    def _give_up(self, loop: asyncio.AbstractEventLoop, entry: _Entry[Thing]) -> None:
        with self._lock:
            entry.users -= 1
            if entry.users == 0 or entry.opening.done():
                if self._entries.get(loop) is entry:
                    del self._entries[loop]
                entry.opening.cancel()
