"""Recorded calls that are under way, beside what else an attempt does: it neither ends nor leaves its step before they
are written down, so that none is paid for twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from runtime.errors import DefinitionError

Answer = TypeVar("Answer")


@dataclass(slots=True)
class PaidCalls:
    """The calls of one attempt. Code that fails, waits or is parked beside them ends or leaves it once they have ended.

    Attributes:
        has_left: it has left its lease, to wait or to be parked: what goes on of its code begins nothing any more.
    """

    has_left: bool = False
    _under_way: "set[asyncio.Future[Any]]" = field(default_factory=set)
    _leaving: int = 0
    _decided: asyncio.Event | None = None  # made by whoever leaves: few attempts do

    def add_recording(self, writing: "asyncio.Task[Any]") -> None:
        """Notes what writes down what a call has returned."""
        self._under_way.add(writing)
        writing.add_done_callback(self._under_way.discard)

    @asynccontextmanager
    async def calling(self) -> AsyncIterator[None]:
        """While a function is called. None begins while the attempt may be leaving.

        Raises:
            DefinitionError: it has left.
        """
        while self._decided is not None and not self._decided.is_set():
            await self._decided.wait()
        if self.has_left:
            raise DefinitionError("the attempt has left its step, to wait or until its budget is raised: call later")
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._under_way.add(ended)
        try:
            yield
        finally:
            self._under_way.discard(ended)
            ended.set_result(None)

    async def wait_until_ended(self, timeout: float | None = None) -> None:
        """Waits until no call is under way, for so many seconds at most."""
        while self._under_way:
            ended, _ = await asyncio.wait(self._under_way.copy(), timeout=timeout)
            if not ended:
                return

    async def leave_when_idle(self, ask: Callable[[], Awaitable[Answer]], has_left: Callable[[Answer], bool]) -> Answer:
        """Asks for what may end the attempt, when no call is under way.

        Args:
            ask: leaves the step's lease, or finds that there is no need to.
            has_left: whether it did, by its answer.
        """
        if self._decided is None or self._decided.is_set():
            self._decided = asyncio.Event()
        decided = self._decided
        self._leaving += 1
        try:
            await self.wait_until_ended()
            answer = await ask()
            self.has_left = self.has_left or has_left(answer)
            return answer
        finally:
            self._leaving -= 1
            if not self._leaving:
                decided.set()
