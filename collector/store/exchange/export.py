"""Writes a time range into a folder, from one snapshot: what is inside belongs together."""

from pathlib import Path
from typing import Final

import duckdb

from collector.errors import ArchiveError
from collector.store import schema
from collector.store.database import Database, Session
from collector.store.exchange.manifest import NAME, Manifest
from collector.store.queries.upkeep import Upkeep
from collector.store.tables import TABLES, Table
from collector.times import rfc3339

#: Rows of one group of a Parquet file; who reads it has one in memory.
_GROUP: Final = 20_000


def export(database: Database, folder: Path, since_ns: int, until_ns: int) -> Manifest:
    """Writes what began in a range: spans with their events and links, log records, data points, refusals.

    Args:
        database: of which.
        folder: an empty folder that only its user can read.
        since_ns: begin of the range, in nanoseconds since 1970; 0 for the oldest that is stored.
        until_ns: its end, exclusive.

    Raises:
        ArchiveError: when the files can't be written.
        StoreError: when the store can't be used now.
    """
    chosen = {"since_ns": since_ns, "until_ns": until_ns}
    try:
        with database.reading() as session:
            session.run(Upkeep.EXCHANGE_CHOSEN_SPANS, **chosen)
            session.run(Upkeep.EXCHANGE_CHOSEN_SOURCES, **chosen)
            oldest_ns = session.one(Upkeep.EXCHANGE_OLDEST)["oldest_ns"]
            rows = {table.name: _export_table(session, table, folder, chosen) for table in TABLES}
    except (OSError, duckdb.Error) as error:
        raise ArchiveError(f"the export can't be written into {folder}: {str(error).splitlines()[0]}") from None
    manifest = Manifest(
        schema_version=schema.newest_version(),
        since=rfc3339(since_ns or oldest_ns or 0),
        until=rfc3339(until_ns),
        tables=rows,
    )
    (folder / NAME).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    (folder / NAME).chmod(0o600)
    return manifest


def _export_table(session: Session, table: Table, folder: Path, chosen: dict[str, int]) -> int:
    path = folder / f"{table.name}.parquet"
    rows = f"SELECT * FROM {table.name} WHERE {table.chosen}"  # noqa: S608 names and conditions are our own
    count = session.save(rows, path, _GROUP, {name: value for name, value in chosen.items() if f"${name}" in rows})
    path.chmod(0o600)
    return count
