"""An outbox on Redis: one stream, in the slot of the work that fills it."""

import logging
from typing import Any

from runtime.bus.deliveries import OutboxEntry
from runtime.bus.wire import decode_outgoing
from runtime.errors import UndecodableError
from runtime.server.client import Client

_log = logging.getLogger("causeline.relay")


class RedisOutbox:
    """An `Outbox`. Args: `client`, and `name`, the stream's key."""

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self.name = name

    async def contains(self, entry: str) -> bool:
        return bool(await self._client.xrange(self.name, entry, entry))

    async def read_older(self, than_ms: int, after: str, limit: int) -> tuple[list[OutboxEntry], str]:
        latest = await self._client.now_ms() - than_ms
        first = f"({after}" if after else "-"
        rows: Any = await self._client.xrange(self.name, min=first, max=str(latest), count=limit)
        return await self._decode_rows(rows), rows[-1][0].decode() if rows else ""

    async def remove(self, entry: str) -> None:
        await self._client.xdel(self.name, entry)

    async def _decode_rows(self, rows: Any) -> list[OutboxEntry]:
        entries: list[OutboxEntry] = []
        for entry, fields in rows:
            try:
                entries.append(OutboxEntry(self.name, entry.decode(), decode_outgoing(fields)))
            except (UndecodableError, ValueError):
                # Only something else than this runtime can have written it; it would be looked at for ever.
                _log.exception("entry %s of outbox %s is not an event and is dropped", entry.decode(), self.name)
                await self._client.xdel(self.name, entry)
        return entries
