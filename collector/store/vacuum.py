"""Gives the room back that removed rows took: the file is written anew, and replaces the old one in one step.

DuckDB uses freed blocks again, and cuts its file only where they are at its end.

Whenever it is killed, either the old file is there, whole, or the new one. While the copy is made the old file is open
for reading, which keeps everybody from writing to it until its name leads to the new one.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from collector.errors import DatabaseLockedError, StartError
from collector.store import schema
from collector.store.database import Database
from collector.store.opening import make_start_error, tune

#: Bytes beside the copy itself that have to be free on the disk.
_MARGIN: Final = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of the file, before and after."""

    before: int
    after: int


def vacuum(path: Path, reached: Callable[[str], None] = lambda _: None) -> Sizes:
    """Writes a database anew, without the room that nothing takes any more.

    Args:
        path: the file; where it is a link, what that leads to.
        reached: told of each step that is done: `folded`, the name of each table, `written`, `replaced`.

    Returns:
        Its sizes.

    Raises:
        DatabaseLockedError: when a collector holds it.
        StartError: when there is none, it can't be read, or the disk has too little room; nothing was changed.
    """
    path = path.resolve()
    if not path.is_file():
        raise StartError(f"there is no database {path}; name it in CAUSELINE_DATABASE")
    with _lock_file(path):
        try:
            return _vacuum(path, reached)
        except DatabaseLockedError:
            raise DatabaseLockedError(
                f"the database {path} is held by another process, most likely a collector: end that one first, and "
                "start it again afterwards"
            ) from None
        except (OSError, duckdb.Error) as error:
            raise make_start_error(path, error) from None
        finally:
            remove_leftovers(path)


def remove_leftovers(path: Path) -> None:
    """Removes what a vacuum that was killed has left beside a database."""
    new = _copy_path(path.resolve())
    for left in (new, new.with_name(f"{new.name}.wal")):
        left.unlink(missing_ok=True)
    shutil.rmtree(_spill_path(path.resolve()), ignore_errors=True)


@contextmanager
def _lock_file(path: Path) -> Iterator[None]:
    """Keeps two from vacuuming one file. SQLite has a lock that every system knows, and that goes with its process."""
    guard = sqlite3.connect(path.with_name(f"{path.name}.vacuum.lock"), timeout=0, isolation_level=None)
    with closing(guard):
        try:
            guard.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise DatabaseLockedError(f"the database {path} is being vacuumed already ({error})") from None
        yield


def _vacuum(path: Path, reached: Callable[[str], None]) -> Sizes:
    remove_leftovers(path)
    log = path.with_name(f"{path.name}.wal")
    before = path.stat().st_size + (log.stat().st_size if log.exists() else 0)
    _fold_log(path)
    reached("folded")
    new = _copy_path(path)
    with duckdb.connect(new) as connection:
        tune(connection)
        _copy(connection, path, reached)
        connection.execute("CHECKPOINT")
        _replace(connection, path, new, reached)
    return Sizes(before, path.stat().st_size)


def _copy_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.vacuum")


def _spill_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.vacuum.tmp")


def _fold_log(path: Path) -> None:
    """Brings a database up to date, and its log into its file; looks whether there is room for a copy."""
    database = Database.open(path)
    needed = database.used_bytes + _MARGIN
    database.close()
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise StartError(
            f"the disk of {path} has {free / 2**20:,.0f} MiB free, and the copy needs up to {needed / 2**20:,.0f}; "
            "nothing was changed: make room there, or export what you want to keep"
        )


def _copy(connection: duckdb.DuckDBPyConnection, path: Path, reached: Callable[[str], None]) -> None:
    """Fills a new database with all that is in another, in the order in which that has it."""
    connection.execute("SET temp_directory = $folder", {"folder": str(_spill_path(path))})
    schema.migrate(connection)
    connection.execute("DELETE FROM schema_version")
    quoted = str(path).replace("'", "''")  # the path of a database can't be bound
    connection.execute(f"ATTACH '{quoted}' AS old (READ_ONLY)")
    if path.with_name(f"{path.name}.wal").exists():
        raise DatabaseLockedError(str(path))  # a collector came and went; its log would be taken for the new file's
    tables = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old' AND NOT temporary ORDER BY ALL"
    for (name,) in connection.execute(tables).fetchall():
        connection.execute(f'INSERT INTO "{name}" BY NAME FROM old."{name}"')  # names are our own, and can't be bound
        reached(name)


def _replace(connection: duckdb.DuckDBPyConnection, path: Path, new: Path, reached: Callable[[str], None]) -> None:
    """Puts the new file in the old one's place, while the old one is still open, so that nobody writes to it."""
    if new.with_name(f"{new.name}.wal").exists():
        raise StartError(f"the copy of {path} could not be completed; nothing was changed: try again")
    new.chmod(path.stat().st_mode & 0o600)
    _synchronize(new)
    reached("written")
    new.replace(path)
    _synchronize(path.parent)
    reached("replaced")
    connection.execute("DETACH old")


def _synchronize(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
