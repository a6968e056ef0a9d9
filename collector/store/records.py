"""Writes batches of whatever was sent: what is not stored yet, and what hangs on it."""

import time

from collector.store import judged, sources
from collector.store.batch import Batch
from collector.store.database import Database, Session
from collector.store.queries import Query
from collector.store.spans import SpanTable
from collector.store.thrown import LoggedExceptions


class Records:
    """All that is stored of what was sent. For the writer alone.

    Args:
        database: where it is; read at once, for what is there.
    """

    def __init__(self, database: Database) -> None:
        self._spans = SpanTable(database)
        self._resources = sources.resources(database)
        self._scopes = sources.scopes(database)
        self._exceptions = LoggedExceptions(database)

    def write(self, session: Session, batch: Batch) -> None:
        """Writes a batch into a transaction."""
        now = time.time_ns()
        for reason, count in batch.rejected.items():
            session.run(Query.INGEST_INSERT_REJECTION, at_ns=now, reason=reason, records=count, kept=False)
        for reason, count in batch.mended.items():
            session.run(Query.INGEST_INSERT_REJECTION, at_ns=now, reason=reason, records=count, kept=True)
        if not batch.size:
            return
        self._resources.write(session, batch.tables["resources"])
        self._scopes.write(session, batch.tables["scopes"])
        if "spans" in batch.tables and batch.tables["spans"].num_rows:
            self._spans.write(session, batch.tables)
        for name, insert in (("logs", Query.INGEST_INSERT_LOGS), ("points", Query.INGEST_INSERT_POINTS)):
            if name in batch.tables:
                session.offer(f"incoming_{name}", batch.tables[name])
                session.run(insert, now_ns=now)
        if "logs" in batch.tables:
            judged.note_logged(session)
        self._exceptions.write(session, batch.tables)
