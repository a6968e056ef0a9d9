"""Emits the ends of runs, and confirms them once they are exported."""

from collections.abc import Sequence
from uuid import UUID

from runtime.confirmation import BATCH, ORPHAN_MS, Unconfirmed
from runtime.facts import Observer
from runtime.runs import facts
from runtime.state.contract import StateStore
from runtime.state.runs import RunRecord


class EndReports:
    """The ends that one process has emitted and not yet confirmed."""

    def __init__(self, store: StateStore, observer: Observer) -> None:
        self._store = store
        self._unconfirmed: Unconfirmed[UUID] = Unconfirmed(observer, self._mark)

    def emit(self, run: RunRecord) -> None:
        """Emits the end of a run."""
        self._unconfirmed.emit(facts.ended(run), run.id)

    async def confirm(self) -> int:
        """Confirms what is exported; how many."""
        return await self._unconfirmed.confirm()

    async def adopt(self) -> int:
        """Emits ends that their own worker did not live to confirm; how many."""
        orphans = [run for run in await self._store.unconfirmed(ORPHAN_MS, BATCH) if run not in self._unconfirmed]
        for run in orphans:
            record = await self._store.get(run)
            self._unconfirmed.emit(facts.ended(record) if record else None, run)
        return len(orphans)

    async def _mark(self, runs: Sequence[UUID]) -> None:
        for run in runs:
            await self._store.confirm(run)
