"""Writes batches of whatever was sent: what is not stored yet, and what hangs on it."""

import time

from collector.store import attribute_encoding, evaluations, sources
from collector.store.batch import Batch
from collector.store.database import Database, Session
from collector.store.logged_exceptions import LoggedExceptions
from collector.store.queries import Query
from collector.store.spans import SpanTable


class RecordWriter:
    """All that is stored of what was sent. For the writer alone.

    Args:
        database: where it is; sources are read at once, spans by `load_stored_ids` or with the first that are written.
    """

    def __init__(self, database: Database) -> None:
        self._spans = SpanTable(database)
        self._resources = sources.create_resource_table(database)
        self._scopes = sources.create_scope_table(database)
        self._exceptions = LoggedExceptions(database)

    def load_stored_ids(self) -> None:
        """Reads which spans are stored, and where their ids lie.

        Raises:
            StoreError: they could not be read.
        """
        self._spans.load_stored_ids()

    def write(self, session: Session, batch: Batch) -> None:
        """Writes a batch into a transaction."""
        now = time.time_ns()
        for reason, count in batch.rejected.items():
            session.run(Query.INGEST_INSERT_REJECTION, at_ns=now, reason=reason, records=count, kept=False)
        for reason, count in batch.mended.items():
            session.run(Query.INGEST_INSERT_REJECTION, at_ns=now, reason=reason, records=count, kept=True)
        if not batch.size:
            return
        tables = attribute_encoding.encode_tables(batch.tables)
        self._resources.write(session, tables["resources"])
        self._scopes.write(session, tables["scopes"])
        if "spans" in tables and tables["spans"].num_rows:
            self._spans.write(session, tables)
        for name, insert in (("logs", Query.INGEST_INSERT_LOGS), ("points", Query.INGEST_INSERT_POINTS)):
            if name in tables:
                session.register(f"sent_{name}", batch.tables[name])
                session.register(f"incoming_{name}", tables[name])
                session.run(insert, now_ns=now)
        if "logs" in tables:
            evaluations.note_logged_evaluations(session)
        self._exceptions.write(session, tables)
