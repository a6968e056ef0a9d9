"""Writes spans: each once, however often and in whatever batches its records come."""

import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import nullcontext

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from collector.store import keys, span_children
from collector.store.database import Database, Session
from collector.store.queries import Query
from collector.store.seen_spans import SeenSpans
from collector.store.sightings import EVERYTHING, NOTHING
from collector.store.staging import stage_spans


class SpanTable:
    """The spans that are stored. For the writer alone.

    Args:
        database: where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen = SeenSpans()
        self._channels: set[str] = set()
        self._is_unsure = False
        self._known_imports: int | None = None

    def load_stored_ids(self, *, is_writing: bool = False) -> None:
        """Reads what is stored, which takes 0.3 s a million spans; the first `write` does so where nobody did before.

        Args:
            is_writing: whether this thread writes now, so that no other does.

        Raises:
            StoreError: it could not be read.
        """
        with self._database.reading() as session:
            # An import is in the snapshot, which begins with its first question, or is counted behind it.
            with nullcontext() if is_writing else self._database.block_writes():
                self._known_imports = self._database.imports
                version = self._database.sightings.forget()
                self._channels, self._is_unsure = _read_own_channels(session), False
            self._seen = SeenSpans(2 * session.one(Query.LISTS_EXTENT)["spans"])
            for part in session.tables(Query.INGEST_PENDING_SPANS):
                self._seen.fill(keys.hash_spans(part))
            with ThreadPoolExecutor(1, "seen") as beside:
                stored = _fill_while_reading(self._seen, session.tables(Query.INGEST_STORED_IDS), beside)
                # Last: whatever failed before leaves them unknown, so that all of it is read again.
                self._database.sightings.learn(stored, version)

    def write(self, session: Session, tables: Mapping[str, pa.Table]) -> None:
        """Writes spans, with what hangs on them.

        Args:
            session: a transaction.
            tables: a batch's.
        """
        sightings = self._database.sightings
        is_outdated = self._known_imports != self._database.imports or not sightings.is_known
        if self._seen.is_crowded or is_outdated:
            self.load_stored_ids(is_writing=True)
        if self._is_unsure:  # the transaction that told of a channel may have been rolled back
            self._channels, self._is_unsure = _read_own_channels(session), False
        rows = self._stage_batch(session, tables)
        numbers = keys.hash_spans(rows)
        suspects = np.flatnonzero(self._seen.add(numbers))
        are_known = suspects.size and self._has_repeats(session, rows, numbers, suspects)
        if sightings.add(rows, session.stored_us):
            oldest_us = session.one(Query.INGEST_OLDEST_STORED)["stored_us"]
            sightings.drop(oldest_us)
            self._database.texts.drop(oldest_us)
        self._database.texts.add(rows, session.stored_us)
        self._database.knowledge.present.add(rows)
        if are_known:
            rows = _resolve_repeats(session, rows, tables, suspects)
        _insert(session, rows, tables)

    def _stage_batch(self, session: Session, tables: Mapping[str, pa.Table]) -> pa.Table:
        """Returns the rows of a batch. Messages of others on channels that turn out to be ours get the ids that the
        runtime gives to them, here and where they are stored."""
        rows = stage_spans(tables["spans"], tables.get("events"), self._channels)
        new = sorted(_collect_channels(rows) - self._channels)
        if not new:
            return rows
        session.run(Query.INGEST_OWN_MESSAGES_SPANS, channels=new)
        session.note_withdrawn()
        self._database.sightings.forget()  # some spans have other ids now
        session.run(Query.INGEST_INSERT_OWN_CHANNELS, channels=new)
        self._channels, self._is_unsure = self._channels | set(new), True
        return stage_spans(tables["spans"], tables.get("events"), self._channels)

    def _has_repeats(
        self, session: Session, rows: pa.Table, numbers: keys.Keys, suspects: npt.NDArray[np.int64]
    ) -> bool:
        """Returns whether some suspects came before.

        To settle them takes some 40 ms, and the filter is wrong about one of some thousand spans. Most of those are of
        a trace of which nothing is stored: to look among all spans takes 30 ms, to see that none is of the trace one.
        """
        if len(np.unique(numbers[suspects])) < len(suspects):  # some come twice in this very batch
            return True
        of = rows.select(["trace_id", "span_id", "row"]).take(pa.array(suspects, pa.int64()))
        stored = self._database.sightings.find_stretch_of_column(of.select(["trace_id"]).rename_columns(["id"]))
        session.register("incoming_suspects", of)
        is_within = stored not in (NOTHING, EVERYTHING)
        asked = {"is_within": is_within, "is_anywhere": stored == EVERYTHING, **stored.bounds}
        return bool(session.numbers(Query.INGEST_STORED_SUSPECTS, **asked).size)


def _fill_while_reading(seen: SeenSpans, parts: Iterable[pa.RecordBatch], beside: Executor) -> Iterator[pa.RecordBatch]:
    """Yields parts of what is stored, whose spans are remembered meanwhile: nobody is answered before both are done."""
    filling: Future[None] | None = None
    for part in parts:
        if filling is not None:
            filling.result()
        filling = beside.submit(lambda spans: seen.fill(keys.hash_spans(spans)), part)
        yield part
    if filling is not None:
        filling.result()


def _read_own_channels(session: Session) -> set[str]:
    return {row["channel"] for row in session.rows(Query.INGEST_OWN_CHANNELS)}


def _collect_channels(rows: pa.Table) -> set[str]:
    """Returns the channels that spans of ours tell of."""
    is_ours = pc.and_(pc.not_equal(rows.column("node_kind"), "span"), pc.is_null(rows.column("message_id")))
    return set(rows.column("channel").filter(is_ours).unique().drop_null().to_pylist())


def _resolve_repeats(
    session: Session, rows: pa.Table, tables: Mapping[str, pa.Table], suspects: npt.NDArray[np.int64]
) -> pa.Table:
    """Returns of a batch what is new, and of several records of a span the one to show."""
    session.register("incoming_spans", rows)
    session.register("incoming_events", tables["events"])
    session.register("incoming_links", tables["links"])
    session.register("incoming_suspects", pa.table({"row": pa.array(suspects, pa.int64())}))
    session.run(Query.INGEST_STAGE_SPANS)
    session.run(Query.INGEST_CONTEST_SPANS)
    # What a sender sends again because an answer was lost is there already, and supersedes nothing.
    if session.one(Query.INGEST_CONTESTED_NEW)["records"]:
        session.run(Query.INGEST_COUNT_REPLACEMENTS, at_ns=time.time_ns())
        if session.one(Query.INGEST_WITHDRAWN_OWN)["records"]:
            session.note_withdrawn()
        for statement in (
            Query.INGEST_SUPERSEDE_SPANS,
            Query.MATERIALIZED_NOTE_WITHDRAWN,
            Query.INGEST_WITHDRAW_SPANS,
            Query.INGEST_WITHDRAW_EVENTS,
            Query.INGEST_WITHDRAW_LINKS,
        ):
            session.run(statement)
    session.run(Query.INGEST_DROP_REPEATED)
    return rows.take(pa.array(session.numbers(Query.INGEST_KEPT_ROWS)))


def _insert(session: Session, rows: pa.Table, tables: Mapping[str, pa.Table]) -> None:
    """Runs no statement in vain: each is planned anew every time, which takes as long as a hundred spans."""
    is_pending = rows.column("is_pending")
    columns = rows.drop_columns(["is_pending"])
    shown = columns.filter(pc.invert(is_pending)) if pc.any(is_pending).as_py() else columns
    for table, insert in (
        (shown.drop_columns(["row"]), Query.INGEST_INSERT_SPANS),
        (columns.filter(is_pending).drop_columns(["row"]), Query.INGEST_INSERT_PENDING),
        (span_children.attach_to_spans(tables["events"], shown), Query.INGEST_INSERT_EVENTS),
        (span_children.attach_links(tables["links"], shown), Query.INGEST_INSERT_LINKS),
    ):
        if table.num_rows:
            session.insert(insert, table)
