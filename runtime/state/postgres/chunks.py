"""What runs stream, on PostgreSQL."""

from contextlib import AbstractAsyncContextManager
from uuid import UUID

from runtime.server.news import NewsWaiter
from runtime.state.chunks import ChunkBatch, StreamEntry, StreamStretch
from runtime.state.postgres.base import PostgresPart
from runtime.state.postgres.rows import decode_text, encode_text
from runtime.state.tasks import Claim


class PostgresChunks(PostgresPart):
    """Part of a `StateStore`."""

    async def stream(self, claim: Claim, batch: ChunkBatch) -> bool:
        holder = claim.task.run, claim.task.step, claim.token, claim.attempt
        chunks = [encode_text(chunk) for chunk in batch.chunks]
        held = await self._database.fetch_value("stream", *holder, self._limits.run_stream, batch.first, chunks)
        if held:
            self._telling.notify_streamed(claim.task.run)
        return bool(held)

    async def read_stream(self, run: UUID, after: int, limit: int) -> StreamStretch | None:
        # How the run stands is asked first: of one that has ended, all entries are there.
        found = await self._database.fetch_rows("stands", self._app, run)
        if not found:
            return None
        (stands,) = found
        rows = await self._database.fetch_rows("streamed", run, after, limit)
        entries = [
            StreamEntry(row["place"], row["kind"], row["step"], row["attempt"], row["at_ms"], decode_text(row["value"]))
            for row in rows
        ]
        error = ": ".join(part for part in (decode_text(stands["error_type"]), decode_text(stands["error"])) if part)
        last = max(stands["last"] or 0, entries[-1].offset if entries else 0)
        return StreamStretch(stands["status"], stands["first"] or (1 if last else 0), last, entries, error)

    def listen_to_stream(self, run: UUID) -> AbstractAsyncContextManager[NewsWaiter]:
        return self._news.hearing((self.keys.stream_channel, str(run)), (self.keys.end_channel, str(run)))
