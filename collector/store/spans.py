"""Writes spans: each once, however often and in whatever batches its records come."""

import time
from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa

from collector.store import said
from collector.store.database import Database, Session
from collector.store.queries import Query
from collector.store.seen import SeenSpans

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

    def write(self, session: Session, tables: Mapping[str, pa.Table]) -> None:
        """Writes spans, with what hangs on them.

        Args:
            session: a transaction.
            tables: a batch's; all but its spans are offered already, under their names.
        """
        told = said.columns(tables["spans"], tables.get("events"))
        session.offer("incoming_spans", told)
        if self._seen.is_crowded or self._known_imports != self._database.foreign_spans:
            self._seen = self._filled()
        suspects = np.flatnonzero(self._seen.add(session.numbers(Query.INGEST_SPAN_KEYS)))
        session.run(Query.INGEST_STAGE_SPANS)
        if _has_any(told, "causeline.node.kind"):
            _recognise_own_channels(session)
        if suspects.size:
            session.offer("incoming_suspects", pa.table({"row": pa.array(suspects, pa.int64())}))
            _settle(session)
        _insert(session, tables, has_pending=_has_any(told, "causeline.pending"))

    def _filled(self) -> SeenSpans:
        self._known_imports = self._database.foreign_spans
        with self._database.reading() as session:
            keys = session.numbers(Query.INGEST_STORED_SPAN_KEYS)
        seen = SeenSpans(2 * len(keys))
        seen.add(keys)
        return seen


def _has_any(spans: pa.Table, column: str) -> bool:
    return bool(spans.column(column).null_count < spans.num_rows)


def _insert(session: Session, tables: Mapping[str, pa.Table], *, has_pending: bool) -> None:
    """Runs no statement in vain: each is planned anew every time, which takes as long as a hundred spans."""
    session.run(Query.INGEST_INSERT_SPANS)
    if has_pending:
        session.run(Query.INGEST_INSERT_PENDING)
    if tables["events"].num_rows:
        session.run(Query.INGEST_INSERT_EVENTS)
    if tables["links"].num_rows:
        session.run(Query.INGEST_INSERT_LINKS)


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
