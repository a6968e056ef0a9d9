"""Tells the ends of runs, and notes in the store that they are told only once they are sent or safe on disk."""

import asyncio
from typing import Final
from uuid import UUID

from runtime import runs
from runtime.facts import Observer
from runtime.state.contract import RunRecord, StateStore

#: Age in ms from which on an end that nobody confirmed is told again: the worker that saw it is dead, or very slow.
ORPHAN_MS: Final = 10_000
#: Seconds that handing ends over may take at most.
HANDOVER: Final = 5.0
#: Orphans told in one go.
BATCH: Final = 100


class Ends:
    """The ends that one process has told and not yet confirmed."""

    def __init__(self, store: StateStore, observer: Observer) -> None:
        self._store = store
        self._observer = observer
        self._told: list[UUID] = []

    def tell(self, run: RunRecord) -> None:
        """Tells that a run has ended."""
        self._observer.tell(runs.ended(run))
        self._told.append(run.id)

    async def confirm(self) -> int:
        """Confirms what has been handed over; how many."""
        told, self._told = self._told, []
        if not told:
            return 0
        if not await asyncio.to_thread(self._observer.flush, HANDOVER):
            self._told = told + self._told
            return 0
        for run in told:
            await self._store.confirm(run)
        return len(told)

    async def adopt(self) -> int:
        """Tells ends that their own worker did not live to confirm; how many. Told twice, it is the same span."""
        orphans = [run for run in await self._store.unconfirmed(ORPHAN_MS, BATCH) if run not in self._told]
        for run in orphans:
            record = await self._store.get(run)
            if record is not None:
                self.tell(record)
        return len(orphans)
