"""Something that each event loop has one of: opened by its first user, closed by its last."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from runtime.errors import DefinitionError

Thing = TypeVar("Thing")

_log = logging.getLogger("causeline")


@dataclass(slots=True)
class _Entry(Generic[Thing]):
    opening: "asyncio.Task[Thing]"
    users: int = 0

    @property
    def is_open(self) -> bool:
        return self.opening.done() and not self.opening.cancelled() and self.opening.exception() is None


class PerLoop(Generic[Thing]):
    """Counts the users of each event loop's own thing. Any thread may use it, each with its own loop.

    Args:
        open_: makes the thing for the event loop that it is called in.
        close: ends it.
    """

    def __init__(self, open_: Callable[[], Awaitable[Thing]], close: Callable[[Thing], Awaitable[None]]) -> None:
        self._open = open_
        self._close = close
        self._lock = threading.Lock()
        self._entries: dict[asyncio.AbstractEventLoop, _Entry[Thing]] = {}
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def current(self) -> Thing | None:
        """The running event loop's thing; None where it has none, or no event loop runs."""
        try:
            entry = self._entries.get(asyncio.get_running_loop())
        except RuntimeError:
            return None
        return entry.opening.result() if entry is not None and entry.is_open else None

    async def acquire(self) -> Thing:
        """Opens the thing, or shares what another user has opened or is just opening.

        Raises:
            whatever opening it raises.
        """
        loop = asyncio.get_running_loop()
        with self._lock:
            self._forget_ended_loops()
            entry = self._entries.get(loop)
            if entry is None:
                entry = self._entries[loop] = _Entry(asyncio.ensure_future(self._call_open()))
            entry.users += 1
        try:
            # Whoever gives up waiting must not take the thing from others that wait.
            return await asyncio.shield(entry.opening)
        except BaseException:
            await self._give_up(loop, entry)
            raise

    async def release(self, close: Callable[[Thing], Awaitable[None]] | None = None) -> None:
        """Lets go of the thing; the last user closes it, by `close` where it is given."""
        loop = asyncio.get_running_loop()
        with self._lock:
            entry = self._entries.get(loop)
            if entry is None:
                return
            entry.users -= 1
            if entry.users > 0:
                return
            del self._entries[loop]
        await (close or self._close)(entry.opening.result())

    def _forget_ended_loops(self) -> None:
        """Whoever ended a loop without letting go of its thing can't close that any more. A thing refers to its loop,
        so weak references to loops would keep both for ever."""
        for loop in [loop for loop in self._entries if loop.is_closed()]:
            del self._entries[loop]

    async def _call_open(self) -> Thing:
        return await self._open()

    async def _give_up(self, loop: asyncio.AbstractEventLoop, entry: _Entry[Thing]) -> None:
        """One waits no longer: what failed to open is tried again by the next, what nobody else wants is closed."""
        with self._lock:
            entry.users -= 1
            is_wanted = entry.users > 0 and (entry.is_open or not entry.opening.done())
            if not is_wanted and self._entries.get(loop) is entry:
                del self._entries[loop]
        if entry.users == 0:
            closing = asyncio.ensure_future(self._abandon(entry))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
            await asyncio.shield(closing)

    async def _abandon(self, entry: _Entry[Thing]) -> None:
        entry.opening.cancel()
        await asyncio.wait({entry.opening})
        if not entry.is_open:
            return
        try:
            await self._close(entry.opening.result())
        except Exception:  # noqa: BLE001 - whoever gave up has another error to tell
            _log.exception("what was opened and is not wanted any more could not be closed")


def refuse_loop(app: str) -> None:
    """Raises DefinitionError where an event loop runs in this thread: a second one can't."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise DefinitionError(
        f"app.run of {app} can't be used where an event loop runs, as in a notebook or a web request: write "
        "`async with app: run = await app.start(...); result = await run.result()`, or `async with app.client():` "
        "where workers do the work"
    )
