"""The database: opened once, by one process; used by intent (`reading`, `writing`), never by handle.

Readers and the writer don't wait for each other: DuckDB keeps versions of rows.

After a write error at the wrong moment, such as a checkpoint on a full disk, DuckDB refuses all further work until the
database is opened again. Its file and its log are whole, so that is done here, as soon as nobody uses the old one.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self

import duckdb

from collector.errors import DatabaseLockedError, StartError, StoreError
from collector.store import schema
from collector.store.queries import Query
from collector.store.question import Question

#: Bytes of the write-ahead log at which DuckDB would checkpoint by itself, in the middle of an insert, which then takes
#: 180 to 440 ms longer. High enough never to happen: `checkpoint` is called in quiet moments instead.
_AUTOMATIC_CHECKPOINT: Final = "64GiB"

#: Rows that are fetched at once.
_PART: Final = 10_000

Row = dict[str, Any]


class Session:
    """One snapshot of the database, or one transaction on it."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, question: Question | None = None) -> None:
        self._cursor = cursor
        self._question = question or Question()

    def rows(self, query: Query, **values: object) -> list[Row]:
        """Runs a query with bound values.

        Returns:
            Its rows, each as a dictionary by column name.

        Raises:
            TooMuchError: when they are more, or larger, than one question may yield.
            BusyError: when the question was ended.
        """
        self._question.check()
        result = self._cursor.execute(query.sql, values)
        names = [column[0] for column in result.description or ()]
        rows: list[Row] = []
        while part := result.fetchmany(_PART):
            self._question.count(part)
            rows += [dict(zip(names, row, strict=True)) for row in part]
        return rows

    def one(self, query: Query, **values: object) -> Row:
        """Returns the only row of a query that always has one."""
        return self.rows(query, **values)[0]

    def run(self, query: Query, **values: object) -> None:
        """Runs a statement whose answer nobody needs."""
        self._cursor.execute(query.sql, values)

    def offer(self, name: str, table: object) -> None:
        """Lets the next statements read an Arrow table under a name."""
        self._cursor.register(name, table)


class Database:
    """The store's file and its one owner."""

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self._path = path
        self._connection = connection
        self._lock = threading.Lock()
        self._users = 0
        self._is_broken = False
        self._written: duckdb.DuckDBPyConnection | None = None

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
        return cls(path, _connect(path, migrate=True))

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Opens one snapshot: all queries inside see the same data, and belong to the question of this context.

        Raises:
            StoreError: when the database has to be opened again, and can't be yet.
            BusyError: when the question was ended.
        """
        with self._cursor() as cursor:
            question = Question.current()
            with question.reading(cursor):
                cursor.execute("BEGIN TRANSACTION READ ONLY")
                yield Session(cursor, question)  # closing ends the snapshot; a commit could only fail

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Opens one transaction: on the disk when the block ends, gone if it raises. For the writer alone.

        Raises:
            StoreError: when the database has to be opened again, and can't be yet.
        """
        with self._cursor() as cursor:
            cursor.execute("BEGIN")
            self._written = cursor
            try:
                yield Session(cursor)
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            finally:
                self._written = None
            cursor.execute("COMMIT")

    def interrupt(self) -> None:
        """Ends the statement of the transaction that is open, from another thread; the transaction raises then."""
        if self._written is not None:
            self._written.interrupt()

    def checkpoint(self) -> bool:
        """Folds the write-ahead log into the file.

        Returns:
            False when a transaction was in the way; nothing is lost, the log just stays longer.

        Raises:
            StoreError: when the file can't be written. Nothing is lost, but the database has to be opened again.
        """
        try:
            with self._cursor() as cursor:
                cursor.execute("CHECKPOINT")
        except duckdb.Error:
            return False
        return True

    def ping(self) -> None:
        """Makes sure that questions can be answered.

        Raises:
            StoreError: when they can't.
        """
        with self.reading():
            pass

    def close(self) -> None:
        """Checkpoints and closes."""
        with suppress(StoreError):
            self.checkpoint()
        self._connection.close()

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        connection = self._enter()
        try:
            with connection.cursor() as cursor:
                yield cursor
        except duckdb.FatalException as error:
            self._is_broken = True
            raise StoreError(f"the database has to be opened again: {error}") from error
        finally:
            with self._lock:
                self._users -= 1

    def _enter(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self._is_broken:
                self._reopen()
            self._users += 1
            return self._connection

    def _reopen(self) -> None:
        if self._users:  # one that is still open would be handed out again, broken as it is
            raise StoreError("the database will be opened again, once nobody uses it any more")
        self._connection.close()
        try:
            # The schema of an existing file is up to date, and on a full disk it could not be written again.
            self._connection = _connect(self._path, migrate=not self._path.exists())
        except StartError as error:
            raise StoreError(str(error)) from None
        self._is_broken = False


def _connect(path: Path, *, migrate: bool) -> duckdb.DuckDBPyConnection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            # Read-only first: opening for writing may fold the log into the file, which would be a change.
            with duckdb.connect(path, read_only=True) as connection:
                schema.refuse_newer(connection, path)
        connection = duckdb.connect(path, config={"checkpoint_threshold": _AUTOMATIC_CHECKPOINT})
        if migrate:
            schema.migrate(connection)
    except (OSError, duckdb.Error) as error:
        raise _start_error(path, error) from None
    return connection


def _start_error(path: Path, error: Exception) -> StartError:
    words = str(error)
    if "Could not set lock" in words:
        return DatabaseLockedError(
            f"the database {path} is held by another process, most likely another collector; end that one, or name "
            "another file in CAUSELINE_DATABASE"
        )
    reason = words.splitlines()[0]
    return StartError(f"the database {path} can't be opened ({reason}); name another file in CAUSELINE_DATABASE")
