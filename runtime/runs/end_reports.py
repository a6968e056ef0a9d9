"""Emits the ends of runs, and confirms them once they are exported."""

import asyncio
from collections.abc import Sequence

from runtime.confirmation import BATCH, ORPHAN_MS, UnconfirmedFacts
from runtime.facts import Observer
from runtime.runs import facts
from runtime.state.contract import StateStore
from runtime.state.runs import Life, RunRecord


class EndReports:
    """The ends that one process has emitted and not yet confirmed."""

    def __init__(self, store: StateStore, observer: Observer) -> None:
        self._store = store
        self._unconfirmed: UnconfirmedFacts[Life] = UnconfirmedFacts(observer, self._mark)

    def emit(self, run: RunRecord) -> None:
        """Emits the end of a run's latest life."""
        self._unconfirmed.emit(facts.build_run_ended(run), Life(run.id, run.life))

    async def confirm(self) -> int:
        """Confirms what is exported; how many."""
        return await self._unconfirmed.confirm()

    async def adopt(self) -> int:
        """Emits ends that their own worker did not live to confirm; how many."""
        orphans = [
            life for life in await self._store.list_unconfirmed_lives(ORPHAN_MS, BATCH) if life not in self._unconfirmed
        ]
        for life in orphans:
            record = await self._store.get_at_end_of(life)
            self._unconfirmed.emit(facts.build_run_ended(record) if record else None, life)
        return len(orphans)

    async def _mark(self, lives: Sequence[Life]) -> None:
        await asyncio.gather(*(self._store.confirm(life) for life in lives))  # what is ready together goes together
