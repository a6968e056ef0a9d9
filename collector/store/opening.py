"""Opens the database's file."""

from pathlib import Path
from typing import Final

import duckdb

from collector.errors import DatabaseLockedError, StartError
from collector.store import schema

#: Bytes of the write-ahead log at which DuckDB would checkpoint by itself, in the middle of an insert, which then takes
#: 180 to 440 ms longer. High enough never to happen: `checkpoint` is called in quiet moments instead.
_AUTOMATIC_CHECKPOINT: Final = "64GiB"

#: Characters of a column's texts, on average, from which on DuckDB holds Zstandard against its other ways. Its
#: dictionaries take no text of more than 16 KiB, and Zstandard is left out below 4,096 by default: a few long prompts
#: among many short attributes had all of them stored as they are, 343 bytes a span where it is now 176. Ids and names
#: lie as they did.
_ZSTANDARD_FROM: Final = 8


def tune(connection: duckdb.DuckDBPyConnection) -> None:
    """Sets how what a connection writes lies in the file."""
    connection.execute("SET GLOBAL zstd_min_string_length = $characters", {"characters": _ZSTANDARD_FROM})


def log_path(path: Path) -> Path:
    """Returns where a database's write-ahead log is."""
    return path.with_name(f"{path.name}.wal")


def connect(path: Path, memory_mib: int, *, migrate: bool) -> duckdb.DuckDBPyConnection:
    """Opens a database's file, and makes it where there is none.

    Args:
        path: the file; its folder is made.
        memory_mib: what it may take, in MiB.
        migrate: whether its schema is brought up to date.

    Raises:
        DatabaseLockedError: when another process holds it.
        SchemaNewerError: when a newer collector wrote it.
        StartError: when it is no such database, or can't be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.stat().st_size:
            # Read-only first: opening for writing makes a database of nothing.
            with duckdb.connect(path, read_only=True) as connection:
                schema.refuse_newer(connection, path)
        connection = duckdb.connect(
            path, config={"checkpoint_threshold": _AUTOMATIC_CHECKPOINT, "memory_limit": f"{memory_mib}MiB"}
        )
        _refuse_newer(connection, path)
        tune(connection)
        if migrate:
            schema.migrate(connection)
    except (OSError, duckdb.Error) as error:
        raise make_start_error(path, error) from None
    return connection


def _refuse_newer(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Closes a database that this collector can't write, and leaves its file and its log as they are: DuckDB has read
    the log into memory, and folds it into the file when it closes it. To open the file for reading alone first would
    read the log twice: half a second for a long one.

    Raises:
        duckdb.Error: it can't be read.
        SchemaNewerError: when a newer collector wrote it.
        StartError: when it is no such database.
    """
    connection.execute("PRAGMA disable_checkpoint_on_shutdown")
    try:
        schema.refuse_newer(connection, path)
    except BaseException:
        connection.close()
        raise
    connection.execute("PRAGMA enable_checkpoint_on_shutdown")


def make_start_error(path: Path, error: Exception) -> StartError:
    """Returns why a database can't be opened.

    Args:
        path: its file.
        error: what DuckDB, or the file system, said.
    """
    words = str(error)
    if "Could not set lock" in words:
        return DatabaseLockedError(
            f"the database {path} is held by another process, most likely another collector; end that one, or name "
            "another file in CAUSELINE_DATABASE"
        )
    reason = words.splitlines()[0]
    return StartError(f"the database {path} can't be opened ({reason}); name another file in CAUSELINE_DATABASE")
