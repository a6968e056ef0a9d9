"""A question to the store, which may take several queries: it can be ended while it is answered, and is bounded."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import duckdb

from collector.errors import CollectorError, StoreError, TooMuchError

#: Most rows that the queries of one question may yield together, and most bytes in them.
ROWS: Final = 1_000_000
BYTES: Final = 512 * 2**20

#: More characters than any text has.
WHOLE: Final = 2**31 - 1

_CURRENT: ContextVar["Question | None"] = ContextVar("question", default=None)


class Question:
    """What has been asked, by whoever asks in this context and the threads that it starts.

    Args:
        room: characters of each text that are read of the store; the rest is cut there, with a mark.

    Attributes:
        is_awaited: whether somebody waits for its answer.
        parts_kept: how many parts of time were worked out for it that are remembered.
    """

    def __init__(self, room: int = WHOLE) -> None:
        self.room = room
        self.is_awaited = False
        self.parts_kept = 0
        self._lock = threading.Lock()
        self._cursors: set[duckdb.DuckDBPyConnection] = set()
        self._ended: CollectorError | None = None
        self._interrupted: CollectorError | None = None
        self._rows = 0
        self._bytes = 0

    @staticmethod
    def current() -> "Question":
        """Returns the question of this context; one that nobody ends where there is none."""
        return _CURRENT.get() or Question()

    @contextmanager
    def make_current(self) -> Iterator[None]:
        """Makes it the current one while the block runs, and in what begins there."""
        self.is_awaited = True
        token = _CURRENT.set(self)
        try:
            yield
        finally:
            _CURRENT.reset(token)

    def end(self, why: CollectorError) -> bool:
        """Ends it, from any thread: the query that runs is interrupted, and no other begins.

        To be repeated while it returns true: a query that was just about to begin has not noticed.

        Args:
            why: what is raised where it is answered.

        Returns:
            Whether something may still run.
        """
        with self._lock:
            self._ended = self._ended or why
            for cursor in self._cursors:
                cursor.interrupt()
            return bool(self._cursors)

    def give_way(self, why: CollectorError) -> None:
        """Interrupts what runs of it now, from any thread; it may be asked anew.

        Args:
            why: what is raised where it is answered.
        """
        with self._lock:
            if self._cursors:
                self._interrupted = why
            for cursor in self._cursors:
                cursor.interrupt()

    @contextmanager
    def use_cursor(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Marks the time in which a cursor is used for it.

        Raises:
            CollectorError: the reason, when it was ended.
        """
        with self._lock:
            self._cursors.add(cursor)
        try:
            self.check()
            yield
        except duckdb.InterruptException as error:
            why = self._ended or self._interrupted
            raise why or StoreError(f"a question was interrupted: {error}") from None
        finally:
            with self._lock:
                self._cursors.discard(cursor)
                if not self._cursors:
                    self._interrupted = None

    def check(self) -> None:
        """Makes sure that it may go on.

        Raises:
            CollectorError: the reason, when it was ended, or has to give way.
        """
        why = self._ended or self._interrupted
        if why is not None:
            raise why

    def count_rows(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Notes rows that were fetched for it.

        Raises:
            TooMuchError: when these are too many, or too large.
            CollectorError: the reason, when it was ended.
        """
        self.check()
        self._rows += len(rows)
        self._bytes += sum(map(_size, rows))
        if self._rows > ROWS or self._bytes > BYTES:
            raise TooMuchError(f"the answer would take more than {ROWS} rows or {BYTES >> 20} MiB of what is stored")


def _size(values: Iterable[Any]) -> int:
    """Returns about how many bytes values take. Every answer is measured by it: types are compared, not asked for."""
    size = 0
    for value in values:
        kind = type(value)
        if kind is str or kind is bytes:
            size += len(value)
        elif kind is list or kind is tuple:
            size += _size(value)
        elif kind is dict:
            size += _size(value.values())
        else:
            size += 8
    return size
