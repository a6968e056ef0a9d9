"""Tells the ends of runs, and notes in the store that they are told only once they are sent or safe on disk."""

import asyncio
from uuid import UUID

from runtime.confirmation import BATCH, HANDOVER, ORPHAN_MS
from runtime.facts import Observer
from runtime.runs import facts as runs
from runtime.state.contract import RunRecord, StateStore


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
