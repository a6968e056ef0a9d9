"""What runs stream, on PostgreSQL."""

from contextlib import AbstractAsyncContextManager
from uuid import UUID

from runtime.server.news import Heard
from runtime.state.chunks import Batch, Entry, Stretch
from runtime.state.postgres.base import Base
from runtime.state.postgres.rows import raw, words
from runtime.state.tasks import Claim


class Chunks(Base):
    """Part of a `StateStore`."""

    async def stream(self, claim: Claim, batch: Batch) -> bool:
        holder = claim.task.run, claim.task.step, claim.token, claim.attempt
        chunks = [raw(chunk) for chunk in batch.chunks]
        held = await self._database.value("stream", *holder, self._limits.run_stream, batch.first, chunks)
        if held:
            self._telling.streamed(claim.task.run)
        return bool(held)

    async def streamed(self, run: UUID, after: int, limit: int) -> Stretch | None:
        # How the run stands is asked first: of one that has ended, all entries are there.
        found = await self._database.rows("stands", self._app, run)
        if not found:
            return None
        (stands,) = found
        rows = await self._database.rows("streamed", run, after, limit)
        entries = [
            Entry(row["place"], row["kind"], row["step"], row["attempt"], row["at_ms"], words(row["value"]))
            for row in rows
        ]
        error = ": ".join(part for part in (words(stands["error_type"]), words(stands["error"])) if part)
        last = max(stands["last"] or 0, entries[-1].offset if entries else 0)
        return Stretch(stands["status"], stands["first"] or (1 if last else 0), last, entries, error)

    def hearing_stream(self, run: UUID) -> AbstractAsyncContextManager[Heard]:
        return self._news.hearing((self.keys.news, str(run)), (self.keys.over, str(run)))
