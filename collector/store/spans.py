"""Writes spans: each once, however often and in whatever batches its records come."""

import time
from typing import Final

import numpy as np
import pyarrow as pa

from collector.store.database import Database, Session
from collector.store.queries import Query
from collector.store.seen import SeenSpans

_INSERTS: Final = (
    Query.INGEST_INSERT_SPANS,
    Query.INGEST_INSERT_PENDING,
    Query.INGEST_INSERT_EVENTS,
    Query.INGEST_INSERT_LINKS,
)

_OWN_CHANNELS: Final = (
    Query.INGEST_OWN_MESSAGES_SPANS,
    Query.INGEST_OWN_MESSAGES_STAGED,
    Query.INGEST_INSERT_OWN_CHANNELS,
)


class SpanTable:
    """The spans that are stored. For the writer alone.

    Args:
        database: where they are; read at once, for what is there.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen = self._filled()

    def write(self, session: Session) -> None:
        """Writes the batch that is offered as `incoming_spans`, `incoming_events` and `incoming_links`."""
        if self._seen.is_crowded or self._known_imports != self._database.foreign_spans:
            self._seen = self._filled()
        suspects = np.flatnonzero(self._seen.add(session.numbers(Query.INGEST_SPAN_KEYS)))
        session.run(Query.INGEST_STAGE_SPANS)
        _recognise_own_channels(session)
        if suspects.size:
            session.offer("incoming_suspects", pa.table({"row": pa.array(suspects, pa.int64())}))
            _settle(session)
        for statement in _INSERTS:
            session.run(statement)

    def _filled(self) -> SeenSpans:
        self._known_imports = self._database.foreign_spans
        with self._database.reading() as session:
            keys = session.numbers(Query.INGEST_STORED_SPAN_KEYS)
        seen = SeenSpans(2 * len(keys))
        seen.add(keys)
        return seen


def _recognise_own_channels(session: Session) -> None:
    """Gives messages of others on channels that turn out to be ours the ids that the runtime gives to them."""
    channels = [row["channel"] for row in session.rows(Query.INGEST_OWN_CHANNELS)]
    for statement in _OWN_CHANNELS if channels else ():
        session.run(statement, channels=channels)


def _settle(session: Session) -> None:
    """Leaves in the batch what is new, and of several records of a span the one to show."""
    session.run(Query.INGEST_CONTEST_SPANS)
    session.run(Query.INGEST_COUNT_REPLACEMENTS, at_ns=time.time_ns())
    for statement in (
        Query.INGEST_SUPERSEDE_SPANS,
        Query.INGEST_WITHDRAW_SPANS,
        Query.INGEST_WITHDRAW_EVENTS,
        Query.INGEST_WITHDRAW_LINKS,
        Query.INGEST_DROP_REPEATED,
    ):
        session.run(statement)
