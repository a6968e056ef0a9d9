"""Turns of senders: who waits gets a place before another has its second one."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class Turnstile:
    """Lets a few in at once, those of different senders in turn: one who sends a thousand requests at once holds up
    another's by one of them.

    Args:
        places: how many are in at once.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}  # who comes next is first

    @asynccontextmanager
    async def turn(self, sender: Hashable) -> AsyncIterator[None]:
        """Waits for a place, and holds it while the block runs."""
        await self._enter(sender)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, sender: Hashable) -> None:
        if self._free:
            self._free -= 1
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(sender, deque()).append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._leave()  # it was given just now
            raise

    def _leave(self) -> None:
        while self._waiting:
            sender, places = next(iter(self._waiting.items()))
            del self._waiting[sender]
            place = places.popleft()
            if places:
                self._waiting[sender] = places  # behind the others
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
