"""Questions of rules to the store: each has a deadline, and none keeps the collector from ending."""

import contextlib
import threading
from collections.abc import Mapping
from typing import Final

import duckdb
import pyarrow as pa

from collector.errors import RuleTooSlowError
from collector.store.database import Database, Row, Session
from collector.store.queries import Query

#: Seconds that one question may take.
DEADLINE: Final = 2.0


class Asking:
    """Asks the store for rules.

    Args:
        database: the store.
        deadline: seconds that one question may take.
    """

    def __init__(self, database: Database, deadline: float = DEADLINE) -> None:
        self._database = database
        self._deadline = deadline
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._has_ended = False

    def rows(self, query: Query, values: Mapping[str, object], tables: Mapping[str, pa.Table]) -> list[Row]:
        """Returns the rows of one question.

        Args:
            query: the question.
            values: bound to it.
            tables: what it can read beside the store's own, by name.

        Raises:
            RuleTooSlowError: when it takes longer than the deadline, or is cut off by the end of the collector.
        """
        with self._database.reading() as session:
            for name, table in tables.items():
                session.offer(name, table)
            with self._lock:
                if self._has_ended:
                    raise RuleTooSlowError("the collector ends")
                self._session = session
            timer = threading.Timer(self._deadline, self._interrupt, (session,))
            timer.daemon = True
            timer.start()
            try:
                return session.rows(query, **values)
            except duckdb.InterruptException:
                raise RuleTooSlowError(f"it took longer than {self._deadline:g} s: give it a shorter window") from None
            finally:
                timer.cancel()
                with self._lock:
                    self._session = None

    def end(self) -> None:
        """Cuts off the question that is being asked; there are no more after it."""
        with self._lock:
            self._has_ended = True
            if self._session is not None:
                self._session.interrupt()

    def _interrupt(self, session: Session) -> None:
        # Under the lock, so that a question that has just ended is not mistaken for the next one.
        with self._lock, contextlib.suppress(duckdb.Error):
            if self._session is session:
                session.interrupt()
