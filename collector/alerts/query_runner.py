"""Questions of rules to the store: each has a deadline, and none keeps the collector from ending."""

import contextlib
import threading
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import duckdb
import pyarrow as pa

from collector.errors import RuleTooSlowError
from collector.store.database import Database, Row, Session
from collector.store.queries import Query

#: Seconds that one question may take.
DEADLINE: Final = 2.0

#: Seconds between interrupting a statement and doing so again.
_PAUSE: Final = 0.01

Answer = TypeVar("Answer")


class QueryRunner:
    """Asks the store for rules.

    Args:
        database: the store.
        deadline: seconds that one question may take.
    """

    def __init__(self, database: Database, deadline: float = DEADLINE) -> None:
        self._database = database
        self._deadline = deadline
        self._lock = threading.Lock()
        self._asked: _RunningQuery | None = None
        self._has_ended = False

    def query_rows(self, query: Query, values: Mapping[str, object], tables: Mapping[str, pa.Table]) -> list[Row]:
        """Returns the rows of one question.

        Args:
            query: the question.
            values: bound to it.
            tables: what it can read beside the store's own, by name.

        Raises:
            RuleTooSlowError: when it takes longer than the deadline, or is cut off by the end of the collector.
        """

        def offer_and_query(session: Session) -> list[Row]:
            for name, table in tables.items():
                session.register(name, table)
            return session.rows(query, **values)

        return self.run_question(offer_and_query)

    def run_question(self, question: Callable[[Session], Answer]) -> Answer:
        """Returns the answer of one question that may take several statements.

        Args:
            question: asks them of a snapshot.

        Raises:
            RuleTooSlowError: when they take longer than the deadline together, or are cut off by the end of the
                collector.
        """
        with self._database.reading() as session:
            asked = _RunningQuery(session)
            with self._lock:
                if self._has_ended:
                    raise RuleTooSlowError("the collector ends")
                self._asked = asked
            timer = asked.cut_off_after(self._deadline)
            try:
                return question(session)
            except duckdb.InterruptException:
                raise RuleTooSlowError(f"it took longer than {self._deadline:g} s: give it a shorter window") from None
            finally:
                timer.cancel()
                asked.mark_answered()
                with self._lock:
                    self._asked = None

    def end(self) -> None:
        """Cuts off the question that is being asked; there are no more after it."""
        with self._lock:
            self._has_ended = True
            if self._asked is not None:
                self._asked.cut_off_after(0)


class _RunningQuery:
    """One question, until it is answered."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._is_answered = threading.Event()

    def cut_off_after(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self._cut_off)
        timer.daemon = True
        timer.start()
        return timer

    def mark_answered(self) -> None:
        with self._lock:  # the session's next statement is of another question, which nothing here may interrupt
            self._is_answered.set()

    def _cut_off(self) -> None:
        # Again and again: a statement that is just about to begin does not notice.
        while not self._is_answered.wait(_PAUSE):
            with self._lock, contextlib.suppress(duckdb.Error):
                if not self._is_answered.is_set():
                    self._session.interrupt()
