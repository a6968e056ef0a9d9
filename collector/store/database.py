"""The database: opened once, by one process; used by intent (`reading`, `writing`), never by handle.

Readers and the writer don't wait for each other: DuckDB keeps versions of rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

import duckdb

from collector.errors import DatabaseLockedError, StartError
from collector.store import schema
from collector.store.queries import Query

#: Bytes of the write-ahead log at which DuckDB would checkpoint by itself, in the middle of an insert, which then takes
#: 180 to 440 ms longer. High enough never to happen: `checkpoint` is called in quiet moments instead.
_AUTOMATIC_CHECKPOINT: Final = "64GiB"

Row = dict[str, Any]


class Session:
    """One snapshot of the database, or one transaction on it."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def rows(self, query: Query, **values: object) -> list[Row]:
        """Runs a query with bound values.

        Returns:
            Its rows, each as a dictionary by column name.
        """
        result = self._cursor.execute(query.sql, values)
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def one(self, query: Query, **values: object) -> Row:
        """The only row of a query that always has one."""
        return self.rows(query, **values)[0]

    def run(self, query: Query, **values: object) -> None:
        """Runs a statement whose answer nobody needs."""
        self._cursor.execute(query.sql, values)

    def offer(self, name: str, table: object) -> None:
        """Lets the next statements read an Arrow table under a name."""
        self._cursor.register(name, table)


class Database:
    """The store's file and its one owner."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Self:
        """Opens a database, makes it where there is none, and brings its schema up to date.

        Args:
            path: the file; its folder is made.

        Raises:
            DatabaseLockedError: when another process holds it.
            SchemaNewerError: when a newer collector wrote it.
            StartError: when it is no such database, or can't be made.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists():
                # Read-only first: opening for writing may fold the log into the file, which would be a change.
                with duckdb.connect(path, read_only=True) as connection:
                    schema.refuse_newer(connection, path)
            connection = duckdb.connect(path)
        except (OSError, duckdb.Error) as error:
            raise _start_error(path, error) from None
        connection.execute("SET checkpoint_threshold = $bytes", {"bytes": _AUTOMATIC_CHECKPOINT})
        schema.migrate(connection)
        return cls(connection)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One snapshot: all queries inside see the same data."""
        with self._connection.cursor() as cursor:
            cursor.execute("BEGIN TRANSACTION READ ONLY")
            yield Session(cursor)
            cursor.execute("COMMIT")

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction: on the disk when the block ends, gone if it raises. For the writer alone."""
        with self._connection.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                yield Session(cursor)
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")

    def checkpoint(self) -> bool:
        """Folds the write-ahead log into the file.

        Returns:
            False when a transaction was in the way; nothing is lost, the log just stays longer.
        """
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("CHECKPOINT")
        except duckdb.Error:
            return False
        return True

    def close(self) -> None:
        """Checkpoints and closes."""
        self.checkpoint()
        self._connection.close()


def _start_error(path: Path, error: Exception) -> StartError:
    words = str(error)
    if "lock" in words:
        return DatabaseLockedError(
            f"the database {path} is held by another process, most likely another collector; end that one, or name "
            "another file in CAUSELINE_DATABASE"
        )
    reason = words.splitlines()[0]
    return StartError(f"the database {path} can't be opened ({reason}); name another file in CAUSELINE_DATABASE")
