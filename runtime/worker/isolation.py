"""Lets work run side by side, or alone: what a dead worker left behind must not share a process with the innocent."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

#: Deaths of a worker while a piece of work ran alone in it, from which on that work is poison and is given up.
DEATH_LIMIT: Final = 3
#: Seconds that new work waits at first for work that must run alone.
PATIENCE: Final = 5.0
#: How many times longer than it was shut the gate is open then: waiting costs others a tenth of their time.
OPEN_FOR: Final = 9


class SoloGate:
    """Many at once, or one alone.

    While somebody waits to be alone the gate is shut to others, so that it gets empty; if it does not in time, it is
    open for a while, then shut for longer. Each time is twice as long as the one before: some time is longer than the
    longest work inside.

    Correlations tell who may be waiting for whom. Work of the lone one's correlation doesn't count as company: it is
    what the lone one has started and waits for, or waits for the lone one itself.

    Args:
        patience: seconds that others are kept out at first for somebody who wants to be alone.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._changed = asyncio.Event()
        self._inside: Counter[UUID] = Counter()
        self._suspects: Counter[UUID] = Counter()
        self._alone: UUID | None = None
        self._is_shut = False
        self._was_in_vain = False
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def enter(self, correlation: UUID, *, alone: bool) -> AsyncIterator[None]:
        """Holds a place until the block ends.

        Args:
            correlation: of the work.
            alone: no work of another correlation is inside meanwhile.
        """
        await (self._enter_alone(correlation) if alone else self._until(lambda: self._lets_in(correlation)))
        _add(self._inside, correlation, 1)
        try:
            yield
        finally:
            _add(self._inside, correlation, -1)
            if alone:
                self._alone = None
                self._look_after_suspects()
            self._tell()

    async def _enter_alone(self, correlation: UUID) -> None:
        _add(self._suspects, correlation, 1)
        if self._timer is None:
            self._look_after_suspects()
        self._tell()
        try:
            await self._until(lambda: self._is_empty_for(correlation))
            self._alone = correlation
        finally:
            _add(self._suspects, correlation, -1)
            if self._alone is not None or not self._suspects:
                self._look_after_suspects()
            self._tell()

    def _lets_in(self, correlation: UUID) -> bool:
        return self._alone == correlation or (self._alone is None and not self._is_shut)

    def _is_empty_for(self, correlation: UUID) -> bool:
        if self._alone is not None:
            return False
        strangers = self._inside.keys() - {correlation}
        return not strangers or (self._was_in_vain and self._is_in_a_circle(correlation, strangers))

    def _is_in_a_circle(self, correlation: UUID, strangers: set[UUID]) -> bool:
        """Whether all those inside may wait for somebody who waits outside, for them."""
        return correlation in self._inside and strangers <= self._suspects.keys()

    def _look_after_suspects(self) -> None:
        """Shuts the gate where somebody waits to be alone and nobody is; else there is no need to."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._is_shut = self._was_in_vain = False
        if self._alone is None and self._suspects:
            self._shut(self._patience)

    def _shut(self, seconds: float) -> None:
        self._is_shut = True
        self._timer = asyncio.get_running_loop().call_later(seconds, self._open, seconds)

    def _open(self, seconds: float) -> None:
        self._is_shut, self._was_in_vain = False, True
        self._timer = asyncio.get_running_loop().call_later(seconds * OPEN_FOR, self._shut, seconds * 2)
        self._tell()

    async def _until(self, condition: Callable[[], bool]) -> None:
        # No condition variable: its lock would have to be waited for on the way out, where a cancelled task can't wait.
        while not condition():
            await self._changed.wait()

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


def _add(counts: Counter[UUID], correlation: UUID, number: int) -> None:
    counts[correlation] += number
    if not counts[correlation]:
        del counts[correlation]
