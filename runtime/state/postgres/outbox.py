"""An outbox on PostgreSQL: rows that are written with the work that published them."""

import logging
from typing import Final

from runtime.bus.deliveries import OutboxEntry
from runtime.bus.wire import decode_outgoing
from runtime.errors import UndecodableError
from runtime.state.postgres.database import Database

_log = logging.getLogger("causeline.relay")

#: What the name of an outbox begins with, beside the keys of those on Redis.
_PREFIX: Final = "postgresql:"


class PostgresOutbox:
    """An `Outbox`. Args: `database`, and the `app` whose steps publish."""

    def __init__(self, database: Database, app: str) -> None:
        self._database = database
        self._app = app
        self.name = f"{_PREFIX}{app}"

    async def contains(self, entry: str) -> bool:
        return bool(await self._database.fetch_value("outbox_has", self._app, int(entry)))

    async def read_older(self, than_ms: int, after: str, limit: int) -> tuple[list[OutboxEntry], str]:
        rows = await self._database.fetch_rows("outbox_older", self._app, than_ms, int(after or 0), limit)
        entries: list[OutboxEntry] = []
        for row in rows:
            entry, fields = (
                str(row["id"]),
                {b"e": row["envelope"], b"p": row["parent"].encode(), b"a": row["agent"].encode()},
            )
            try:
                entries.append(OutboxEntry(self.name, entry, decode_outgoing(fields)))
            except (UndecodableError, ValueError):
                # Only something else than this runtime can have written it; it would be looked at for ever.
                _log.exception("entry %s of outbox %s is not an event and is dropped", entry, self.name)
                await self.remove(entry)
        return entries, str(rows[-1]["id"]) if rows else ""

    async def remove(self, entry: str) -> None:
        await self._database.fetch_rows("outbox_remove", self._app, int(entry))
