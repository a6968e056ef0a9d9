"""The database: opened once, by one process; used by intent (`reading`, `writing`), never by handle.

Readers and the writer don't wait for each other: DuckDB keeps versions of rows.

After a write error at the wrong moment, such as a checkpoint on a full disk, DuckDB refuses all further work until the
database is opened again. Its file and its log are whole, so that is done here, as soon as nobody uses the old one.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

import duckdb

from collector.errors import StartError, StoreError
from collector.store.commit import commit
from collector.store.knowledge import Knowledge
from collector.store.opening import connect, log_path
from collector.store.precedence import PATIENCE, Precedence
from collector.store.queries import Query
from collector.store.queries.upkeep import Upkeep
from collector.store.question import Question
from collector.store.room import MemoryRoom
from collector.store.session import Row as Row
from collector.store.session import Session as Session

#: MiB that the database may take at most for what it works on and for blocks of its file. By itself it would take four
#: fifths of the machine's, and grow with its file until it had them.
MEMORY_MIB: Final = 2_048

#: How often a checkpoint may put groups of rows of a table together: each takes one to two seconds, in which nobody is
#: answered. DuckDB's default, 100, took six where a store of a million spans had been thinned out.
_MERGES: Final = 1

#: When a transaction began, as the default of `spans.stored_us` has it.
_BEGAN: Final = "SELECT epoch_us(now())"


class Database:
    """The store's file and its one owner.

    Attributes:
        path: the file.
        imports: how many transactions wrote spans without the writer.
        clock_setbacks: how many that store spans began, by the clock, before one that was committed earlier.
        source_changes: how many transactions removed resources or scopes that the writer believes to be stored.
        knowledge: what is known of what is stored; of it `sightings` and `texts`.
        precedence: who takes it has the database alone.
        merged: when a checkpoint has put groups of rows together last, in seconds of the monotonic clock; before that,
            when the database was opened.
    """

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection, memory_mib: int = MEMORY_MIB) -> None:
        self.path = path
        self._room = MemoryRoom(memory_mib)
        self._connection = connection
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self.precedence = Precedence(lambda: not self._users)
        self._busy: dict[int, duckdb.DuckDBPyConnection] = {}
        self._is_broken = False
        self._users = self.imports = self.source_changes = self.clock_setbacks = 0
        # The clock may have been set back since what was stored before that was materialized.
        ((until_us, *_),) = connection.execute(Query.MATERIALIZED_STATE.sql).fetchall()
        self._committed_us = max(time.time_ns() // 1_000, int(until_us))
        self.merged = time.monotonic()
        self.knowledge = Knowledge()
        self.sightings, self.texts = self.knowledge.sightings, self.knowledge.texts

    @property
    def committed_us(self) -> int:
        """When the last transaction began that stored spans, in microseconds, or when the database was opened; one more
        for each that removed any since. By it answers are known to be outdated."""
        return self._committed_us

    def note_import(self) -> None:
        """Counts a transaction that wrote spans without the writer, and drops what the indexes in memory know. To be
        called within it."""
        self.imports += 1
        self.knowledge.forget()

    def note_source_changes(self) -> None:
        """Counts a transaction that removes resources or scopes. To be called within it."""
        self.source_changes += 1

    @classmethod
    def open(cls, path: Path, memory_mib: int = MEMORY_MIB) -> Self:
        """Opens a database, makes it where there is none, and brings its schema up to date.

        Args:
            path: the file; its folder is made.
            memory_mib: what it may take at most, in MiB; where a question needs more, it puts some of it on the disk.

        Raises:
            DatabaseLockedError: when another process holds it.
            SchemaNewerError: when a newer collector wrote it.
            StartError: when it is no such database, or can't be made.
        """
        return cls(path, connect(path, MemoryRoom(memory_mib).usual_mib, migrate=True), memory_mib)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Opens one snapshot: all queries inside see the same data, and belong to the question of this context.

        Raises:
            StoreError: when the database has to be opened again, and can't be yet, or the memory does not suffice.
            RoomError: when there is more memory now, or spans that came in needed it: to be asked again.
            CollectorError: the reason, when the question was ended; a `BusyError` of the API's.
        """
        question = Question.current()
        with self.precedence.admit(question), self._cursor() as (cursor, begin):
            as_of, version = self._committed_us, self.knowledge.version
            with question.use_cursor(cursor):
                cursor.execute("BEGIN TRANSACTION READ ONLY")
                # Closing ends the snapshot; a commit could only fail.
                yield Session(cursor, self.knowledge, as_of, question, version=version, begin=begin)

    @property
    def log_bytes(self) -> int:
        """Bytes of the write-ahead log that are not folded into the file yet."""
        log = log_path(self.path)
        return log.stat().st_size if log.exists() else 0

    @property
    def used_bytes(self) -> int:
        """Bytes of the file that are in use, with its log.

        Raises:
            StoreError: when the database has to be opened again, and can't be yet.
        """
        with self.reading() as session:
            return int(session.one(Upkeep.RETENTION_SIZE)["used_bytes"]) + self.log_bytes

    @property
    def file_bytes(self) -> int:
        """Bytes of the file, without its log."""
        return self.path.stat().st_size if self.path.exists() else 0

    @contextmanager
    def writing(self, *, outdates: bool = True) -> Iterator[Session]:
        """Opens one transaction: on the disk when the block ends, gone if it raises. One at a time: another waits.

        Args:
            outdates: whether answers may be others once it is committed.

        Raises:
            StoreError: when the database has to be opened again, and can't be yet.
        """
        with self._turn, self._transaction(outdates=outdates, stores=True) as session:
            yield session

    @contextmanager
    def block_writes(self) -> Iterator[None]:
        """Lets nobody store spans while the block runs. Who reads in it has opened the snapshot before: else both wait
        for ever where who stores has precedence, and so lets no snapshot be opened, and waits for its turn."""
        with self._turn:
            yield

    @contextmanager
    def clearing(self, *, outdates: bool = True) -> Iterator[Session]:
        """As `writing`, beside it: for what removes rows that no other transaction touches, however long it takes, and
        stores no spans. It raises the same.

        Args:
            outdates: whether answers may be others once it is committed.
        """
        with self._transaction(outdates=outdates, stores=False) as session:
            yield session

    @contextmanager
    def _transaction(self, *, outdates: bool, stores: bool) -> Iterator[Session]:
        with self._cursor() as (cursor, _):
            cursor.execute("BEGIN")
            ((began_us,),) = cursor.execute(_BEGAN).fetchall()
            try:
                imports_before = self.imports
                yield (session := Session(cursor, self.knowledge, stored_us=began_us))
                amends = session.has_amended or imports_before != self.imports
                is_set_back = stores and began_us <= self._committed_us
                if is_set_back:
                    cursor.execute(Query.MATERIALIZED_WITHDRAW.sql, {"stored_us": began_us})
                    amends = True
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            with self.knowledge.committing(amends=amends, withdraws=session.has_withdrawn, removed=session.removed):
                try:
                    commit(cursor)
                finally:
                    if is_set_back:  # counted too soon, it would be seen before what it is about
                        self.clock_setbacks += 1
            if outdates:
                with self._lock:  # what removes may have begun after a writer that is committed later
                    self._committed_us = max(self._committed_us + 1, stores * began_us)

    def checkpoint(self, *, patience: float | None = PATIENCE) -> bool:
        """Folds the write-ahead log into the file.

        Args:
            patience: seconds that it waits until nobody reads, to put groups of rows together that are not full, as
                each checkpoint leaves one; None where it is not to. Where somebody reads for longer it does not;
                `merged` tells. To put three together takes 250 MiB, and moves rows that lie behind removed ones, also
                for who reads: a row's id is another's then, within a snapshot and within a statement.

        Returns:
            False when a transaction was in the way; nothing is lost, the log just stays longer.

        Raises:
            StoreError: when the file can't be written. Nothing is lost, but the database has to be opened again.
        """
        try:
            with self._turn, self.precedence.wait_for_rest(patience) as is_alone, self._cursor() as (cursor, _):
                cursor.execute(f"SET GLOBAL max_vacuum_tasks = {_MERGES if is_alone else 0}")
                cursor.execute("CHECKPOINT")
                if is_alone:
                    self.merged = time.monotonic()
        except duckdb.Error:
            return False
        return True

    def ping(self) -> None:
        """Makes sure that questions can be answered; raises as `reading` does."""
        with self.reading():
            pass

    def interrupt(self, thread: int) -> None:
        """Ends the statement that a thread is waiting for, if it is: there it fails.

        Args:
            thread: the thread's identifier.
        """
        if (cursor := self._busy.get(thread)) is not None:
            with suppress(duckdb.Error):
                cursor.interrupt()

    def close(self) -> None:
        """Checkpoints and closes."""
        with suppress(StoreError):
            self.checkpoint(patience=None)  # whoever ends it waits
        self._connection.close()

    @contextmanager
    def _cursor(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, Callable[[], None]]]:
        connection = self._enter()
        given_mib = self._room.given_mib
        try:
            with self._room.mark_use() as begin, connection.cursor() as cursor:
                self._busy[threading.get_ident()] = cursor
                try:
                    yield cursor, begin
                finally:
                    self._busy.pop(threading.get_ident(), None)
        except duckdb.OutOfMemoryException as error:
            refused = self._room.make_memory_error(given_mib)
            self.adjust_memory_limit()  # whoever asks again has more
            raise refused from error
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

    def adjust_memory_limit(self) -> None:
        """Gives the database the memory that it may take now, by how long what goes on has done so.

        Raises:
            StoreError: when the database has to be opened again, and can't be yet.
        """
        if (wanted := self._room.allowed_mib()) == self._room.given_mib:
            return
        connection = self._enter()
        try:
            with suppress(duckdb.OutOfMemoryException), connection.cursor() as cursor:  # it holds on to more, still
                cursor.execute(f"SET GLOBAL memory_limit = '{wanted}MiB'")
                self._room.given_mib = wanted
        finally:
            with self._lock:
                self._users -= 1

    def _reopen(self) -> None:
        if self._users:  # one that is still open would be handed out again, broken as it is
            raise StoreError("the database will be opened again, once nobody uses it any more")
        self._connection.close()
        try:
            # The schema of an existing file is up to date, and on a full disk it could not be written again.
            self._connection = connect(self.path, self._room.usual_mib, migrate=not self.path.exists())
        except StartError as error:
            raise StoreError(str(error)) from None
        self._is_broken, self._room.given_mib = False, self._room.usual_mib
