"""Exceptions that came as log records: they say how spans of others ended, as those within a span do, whichever of the
two came first."""

import time
from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from collector.store import keys, span_refresh
from collector.store.attributes import Attributes
from collector.store.database import Database, Session
from collector.store.early_times import EARLIEST_NS
from collector.store.queries import Query
from collector.store.queries.upkeep import Upkeep
from collector.store.seen_spans import SeenSpans

#: Nanoseconds by which a span may have ended before what is logged of it, where it came first: a day. Others are not
#: looked for, because ids without an order are found by reading all of that time.
_LATEST_NS: Final = 24 * 3600 * 10**9

_KIND: Final = "exception.type"

#: Columns by which a span is known, and from when on to look for its end.
_SPAN: Final = ("trace_id", "span_id", "since_ns")


class LoggedExceptions:
    """Of which spans exceptions were logged. For the writer alone.

    Args:
        database: where they are; read at once, for what is there.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: SeenSpans | None = None
        self._load_stored()

    def write(self, session: Session, tables: Mapping[str, pa.Table]) -> None:
        """Reads spans anew of which exceptions were logged, where either is new.

        Args:
            session: the transaction into which both are written already.
            tables: a batch's.
        """
        if self._known_imports != self._database.imports or (self._seen is not None and self._seen.is_crowded):
            self._load_stored()
        logged = _find_exception_spans(tables["logs"]) if "logs" in tables else None
        if logged is not None and logged.num_rows:
            self._remember(keys.hash_spans(logged))
        parts = [
            part
            for part in (logged, self._find_affected_spans(tables.get("spans")))
            if part is not None and part.num_rows
        ]
        if parts:
            refresh_thrown_spans(session, pa.concat_tables(parts))

    def _load_stored(self) -> None:
        """Reads what is stored."""
        self._known_imports = self._database.imports
        with self._database.reading() as session:
            stored = [keys.hash_spans(part) for part in session.tables(Query.INGEST_THROWN_SPANS)]
        self._seen = None
        found = np.unique(np.concatenate(stored)) if stored else np.empty(0, np.uint64)
        self._remember(found, 2 * len(found))

    def _remember(self, spans: keys.Keys, expected: int = 0) -> None:
        if not len(spans):
            return
        if self._seen is None:  # most programs never log an exception, and need no filter
            self._seen = SeenSpans(expected)
        self._seen.add(spans)

    def _find_affected_spans(self, spans: pa.Table | None) -> pa.Table | None:
        """Returns the spans of which exceptions may have been logged."""
        if self._seen is None or spans is None or not spans.num_rows:
            return None
        found = spans.take(pa.array(np.flatnonzero(self._seen.holds(keys.hash_spans(spans)))))
        starts, ends = found.column("start_ns"), found.column("end_ns")
        since = pc.if_else(pc.equal(ends, 0), starts, pc.min_element_wise(starts, ends))
        return pa.table([found.column("trace_id"), found.column("span_id"), since], list(_SPAN))


def refresh_thrown_spans(session: Session, spans: pa.Table) -> None:
    """Reads spans anew of which exceptions may have been logged.

    Args:
        session: a transaction.
        spans: with `trace_id`, `span_id`, and `since_ns`: when it ended at the earliest, in nanoseconds since 1970.
    """
    session.register("incoming_thrown", spans)
    session.run(Upkeep.REREADING_CHOOSE_THROWN, since_ns=pc.min(spans.column("since_ns")).as_py())
    span_refresh.refresh_spans(session)


def _find_exception_spans(logs: pa.Table) -> pa.Table:
    """Returns the spans of which records tell exceptions."""
    told = Attributes(logs.column("attributes").combine_chunks()).texts(_KIND).is_valid()
    logs = logs.filter(pc.and_(told, logs.column("span_id").is_valid()))
    now = pa.scalar(time.time_ns(), pa.int64())
    seen = pc.if_else(pc.less(logs.column("observed_ns"), EARLIEST_NS), now, logs.column("observed_ns"))
    times = pc.if_else(pc.less(logs.column("time_ns"), EARLIEST_NS), seen, logs.column("time_ns"))
    # A clock that is ahead says nothing of how long ago it was.
    since = pc.subtract(pc.min_element_wise(times, now), pa.scalar(_LATEST_NS, pa.int64()))
    return pa.table([logs.column("trace_id"), logs.column("span_id"), since], list(_SPAN))
