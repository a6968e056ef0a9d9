"""Reads an export into a store: what is there already is known again, so that twice is as good as once.

The files may come from anywhere and from an older collector. They are read into an empty database of the schema that
they name, which refuses what does not fit; that is migrated like any other, and what it then holds gets into the store.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from collector.errors import ArchiveError
from collector.store import ddl, evaluations, logged_exceptions, rereading
from collector.store.database import Database, Session
from collector.store.exchange import manifest as manifests
from collector.store.exchange import span_rows
from collector.store.exchange.workspace import require_room
from collector.store.queries.upkeep import Upkeep
from collector.store.tables import OWN, TABLES, Table

#: Rows of one transaction.
_ROWS: Final = 10_000

#: What the rows of other tables name.
_SOURCES: Final = tuple(table for table in TABLES if table.name in ("resources", "scopes"))

#: How much memory reading files of others may take.
_MEMORY: Final = "1GiB"

#: Rows that a byte of a file may stand for: each has an id or a time of its own, and so takes several. Others could
#: make half a megabyte stand for two hundred million.
_ROWS_A_BYTE: Final = 16

#: How many times the size of its files an import takes on the disk, on its way and in the store.
_FACTOR: Final = 6


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """Rows of the export, and how many of them were new, by table."""

    rows: dict[str, int]
    added: dict[str, int]
    since: str
    until: str


def load(database: Database, folder: Path, space: Path) -> ImportCounts:
    """Reads an export.

    Args:
        database: where to.
        folder: where the export lies.
        space: an empty folder for what is on its way.

    Raises:
        ArchiveError: when it can't be used; nothing was stored then.
        StoreError: when the store can't be used now; what is stored until then stays, and the same import completes it.
    """
    manifest = manifests.read(folder)
    require_room(space, _FACTOR * sum(path.stat().st_size for path in folder.glob("*.parquet")))
    try:
        with duckdb.connect(space / "staging.duckdb", config={"memory_limit": _MEMORY}) as staging:
            rows = _stage_files(staging, manifest, folder)
            for table in TABLES:
                staging.execute(
                    f"COPY ({span_rows.rows_statement(table)}) TO $path (FORMAT parquet, ROW_GROUP_SIZE {_ROWS})",
                    {"path": str(space / f"{table.name}.parquet")},
                )
            (numbers,) = staging.execute("SELECT coalesce(max(rowid) + 1, 0) FROM spans").fetchone() or (0,)
    except duckdb.Error as error:
        raise ArchiveError(f"the export can't be read: {_first_line(error)}") from None
    since_us = time.time_ns() // 1_000
    added: dict[str, int] = {}
    for table in TABLES:
        if table.name == "spans":
            added |= _add_spans(database, space, numbers)
        elif table.name not in span_rows.HANGING:
            added[table.name] = _add_rows(database, table, space, rows.get(table.name, 0))
    with database.writing() as session:
        session.run(Upkeep.EXCHANGE_OWN_MESSAGES)
        database.note_import()
    if added["spans"]:
        with database.writing(outdates=False) as session:
            rereading.schedule_rereading(session, since_us)
    return ImportCounts(rows, added, manifest.since, manifest.until)


def _stage_files(staging: duckdb.DuckDBPyConnection, manifest: manifests.Manifest, folder: Path) -> dict[str, int]:
    for number, statements in ddl.migrations():
        if number <= manifest.schema_version:
            staging.execute(statements)
    names = [
        name for (name,) in staging.execute("SELECT table_name FROM duckdb_tables()").fetchall() if name not in OWN
    ]
    unknown = sorted(set(manifest.tables) - set(names))
    if unknown:
        raise ArchiveError(f"schema version {manifest.schema_version} has no table {unknown[0]!r}")
    rows = {
        name: _fill_table(staging, name, folder / f"{name}.parquet", told) for name, told in manifest.tables.items()
    }
    for number, statements in ddl.migrations():
        if number > manifest.schema_version:
            staging.execute(statements)
    return rows


def _fill_table(staging: duckdb.DuckDBPyConnection, name: str, path: Path, told: int) -> int:
    if not path.is_file():
        raise ArchiveError(f"the export is not whole: {path.name} is missing")
    try:
        (promised,) = staging.execute(
            "SELECT sum(num_rows) FROM parquet_file_metadata($path)", {"path": str(path)}
        ).fetchone() or (0,)
        if promised > _ROWS_A_BYTE * path.stat().st_size:
            raise ArchiveError(f"{path.name} holds {promised} rows, more than any export has in so few bytes")
        staging.execute(f'INSERT INTO "{name}" BY NAME FROM read_parquet($path)', {"path": str(path)})
    except duckdb.Error as error:
        raise ArchiveError(f"{path.name} does not fit the schema that the export names: {_first_line(error)}") from None
    found = len(staging.table(name))
    if found != told:
        raise ArchiveError(f"the export is not whole: {path.name} has {found} rows, and {told} are told of")
    return found


def _add_rows(database: Database, table: Table, space: Path, rows: int) -> int:
    added = 0
    for first in range(0, rows, _ROWS):
        with database.writing() as session:
            if table.sourced:
                _add_sources(session, space)
            added += _insert(session, table, space, first, first + _ROWS - 1)
            if table.name == "logs":
                _apply_exceptions(session, space, first, first + _ROWS - 1)
                _note_evaluated_work(session, space, first, first + _ROWS - 1)
            database.note_import()
    return added


def _apply_exceptions(session: Session, space: Path, first: int, last: int) -> None:
    """Lets exceptions that were logged say how spans ended that are stored."""
    logs = str(space / "logs.parquet")
    told = session.table(Upkeep.EXCHANGE_THROWN_SPANS, logs=logs, first=first, last=last)
    if told.num_rows:
        logged_exceptions.refresh_thrown_spans(session, told)


def _note_evaluated_work(session: Session, space: Path, first: int, last: int) -> None:
    """Has work that log records judge worked out anew."""
    logs = str(space / "logs.parquet")
    evaluations.note_evaluated_spans(
        session, session.table(Upkeep.EXCHANGE_JUDGED_SPANS, logs=logs, first=first, last=last)
    )


def _add_spans(database: Database, space: Path, numbers: int) -> dict[str, int]:
    """Adds spans with what hangs on them, whose record may be another one than what is stored."""
    added = dict.fromkeys(("spans", *span_rows.HANGING), 0)
    for first in range(0, numbers, _ROWS):
        with database.writing() as session:
            _add_sources(session, space)
            for name, count in span_rows.add_spans(session, space, first, first + _ROWS - 1).items():
                added[name] += count
            database.note_import()
    return added


def _add_sources(session: Session, space: Path) -> None:
    """Again in each transaction: retention may have found unused meanwhile what nothing names yet."""
    for source in _SOURCES:
        _insert(session, source, space, 0, None)


def _insert(session: Session, table: Table, space: Path, first: int, last: int | None) -> int:
    """Adds rows of a file, by their numbers, that are not stored; returns how many."""
    identity = ", ".join(table.identity)
    same = " AND ".join(
        f"stored.{column} {'IS NOT DISTINCT FROM' if column in table.optional else '='} rows.{column}"
        for column in table.identity
    )
    # Names are our own, and can't be bound.
    statement = f"""
        INSERT INTO {table.name} BY NAME
        WITH rows AS (
            -- They are stored now: pages of lists go by that.
            SELECT COLUMNS(lambda c: c NOT IN ('file_row_number', 'stored_us'))
            FROM read_parquet($path, file_row_number = true)
            WHERE file_row_number >= $first AND file_row_number <= coalesce($last, file_row_number)
        )
        SELECT rows.* FROM rows
        ANTI JOIN (SELECT {identity} FROM {table.name}) AS stored ON {same}
        QUALIFY row_number() OVER (PARTITION BY {identity}) = 1
    """  # noqa: S608 names are our own, values are bound
    path = str(space / f"{table.name}.parquet")
    return session.count(statement, {"path": path, "first": first, "last": last})


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0][:300]
