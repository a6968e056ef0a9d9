"""What runs stream, on Redis or Valkey: a stream in each run's slot, whose entries are numbered from 1."""

from contextlib import AbstractAsyncContextManager
from typing import Any, Final, cast
from uuid import UUID

from runtime.bus.redis_base import Limits
from runtime.server.client import Client
from runtime.server.news import NewsWaiter, PubSubListener
from runtime.server.scripts import Scripts
from runtime.state.chunks import ChunkBatch, EntryKind, StreamEntry, StreamStretch
from runtime.state.keys import StateKeys
from runtime.state.tasks import Claim

_KINDS: Final[dict[bytes, EntryKind]] = {b"c": "chunk", b"a": "attempt", b"l": "lost"}


class RedisChunks:
    """Part of a `StateStore`.

    Attributes:
        keys: of the app.
    """

    keys: StateKeys
    _client: Client
    _scripts: Scripts
    _news: PubSubListener
    _limits: Limits

    async def stream(self, claim: Claim, batch: ChunkBatch) -> bool:
        keys, run = self.keys, claim.task.run
        touched = [keys.run(run), keys.leases, keys.attempts(run), keys.chunks(run), keys.stream_channel]
        holder = (claim.task.member, claim.task.step, claim.token, claim.attempt)
        return bool(
            await self._scripts.call(
                "stream", touched, *holder, self._limits.run_stream, str(run), batch.first, *batch.chunks
            )
        )

    async def read_stream(self, run: UUID, after: int, limit: int) -> StreamStretch | None:
        keys = self.keys
        answer = await self._scripts.call("streamed", [keys.run(run), keys.chunks(run)], after, limit)
        if not answer:
            return None
        status, error_type, error, first, last, entries = answer
        words = ": ".join(part.decode() for part in (error_type, error) if part)
        return StreamStretch(status.decode(), first, last, [_parse_entry(*one) for one in entries], words)

    def listen_to_stream(self, run: UUID) -> AbstractAsyncContextManager[NewsWaiter]:
        return self._news.hearing((self.keys.stream_channel, str(run)), (self.keys.end_channel, str(run)))


def _parse_entry(id_: bytes, fields: list[bytes]) -> StreamEntry:
    said = cast("dict[bytes, Any]", dict(zip(fields[::2], fields[1::2], strict=True)))
    return StreamEntry(
        offset=int(id_.partition(b"-")[0]),
        kind=_KINDS[said[b"k"]],
        step=said[b"s"].decode(),
        attempt=int(said[b"n"]),
        at_ms=int(said[b"t"]),
        value=said[b"v"].decode(),
    )
