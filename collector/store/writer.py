"""The one writer: requests of a short window share a transaction and are answered together, once it is committed."""

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final

import duckdb

from collector.errors import OverloadedError, StoreError
from collector.store.batch import Batch, merge
from collector.store.database import Database, Session
from collector.store.queries import Query
from collector.store.spans import SpanTable

_LOG: Final = logging.getLogger(__name__)

#: Seconds that the first request of a transaction waits for others to join it.
WINDOW_SECONDS: Final = 0.02

#: Seconds without a request after which the log is folded into the file.
QUIET_SECONDS: Final = 2.0

#: Most spans that one transaction takes.
TRANSACTION_SPANS: Final = 50_000

#: Bytes of spans at which a transaction takes no more; DuckDB needs several times as many to write them.
TRANSACTION_BYTES: Final = 64 * 2**20

#: Seconds under constant load after which a checkpoint is made all the same.
LONGEST_LOG_SECONDS: Final = 300.0


@dataclass(slots=True)
class _Submission:
    batch: Batch
    done: Future[None] = field(default_factory=Future)


class Writer:
    """Commits batches in a thread of its own.

    Args:
        database: where to.
        limit: spans that may wait before more are refused.
    """

    def __init__(self, database: Database, limit: int) -> None:
        self._database = database
        self._spans = SpanTable(database)
        self._limit = limit
        self._queue: queue.SimpleQueue[_Submission | None] = queue.SimpleQueue()
        self._waiting = 0
        self._closed = False
        self._lock = threading.Lock()
        self._checkpointed = time.monotonic()
        self._dirty = False
        self._quiet = QUIET_SECONDS
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)

    def start(self) -> None:
        """Begins to write."""
        self._thread.start()

    def submit(self, batch: Batch) -> "Future[None]":
        """Hands a batch over.

        Returns:
            Done when the batch is committed; fails with `StoreError` when it could not be.

        Raises:
            OverloadedError: when too many spans wait already, or the collector is closing.
        """
        submission = _Submission(batch)
        with self._lock:
            # A batch larger than the limit still gets in while nothing waits, or it never would.
            if self._closed or (self._waiting and self._waiting + batch.size > self._limit):
                raise OverloadedError(f"{self._waiting} spans wait to be stored")
            self._waiting += batch.size
            self._queue.put(submission)
        return submission.done

    @property
    def waiting(self) -> int:
        """Records that wait to be committed."""
        return self._waiting

    def close(self) -> None:
        """Commits what was handed over, then ends. Safe to call twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while True:
            try:
                first = self._queue.get(timeout=self._quiet if self._dirty else None)
            except queue.Empty:
                self._rest()
                continue
            if first is None:
                return
            submissions, last = self._gather(first)
            self._commit(submissions)
            if last:
                return
            if time.monotonic() - self._checkpointed > LONGEST_LOG_SECONDS:
                self._rest()

    def _gather(self, first: _Submission) -> tuple[list[_Submission], bool]:
        """Returns what arrives within the window, and whether the end was called."""
        submissions, size, weight = [first], first.batch.size, first.batch.weight
        deadline = time.monotonic() + WINDOW_SECONDS
        while size < TRANSACTION_SPANS and weight < TRANSACTION_BYTES:
            try:
                submission = self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return submissions, False
            if submission is None:
                return submissions, True
            submissions.append(submission)
            size += submission.batch.size
            weight += submission.batch.weight
        return submissions, False

    def _commit(self, submissions: Sequence[_Submission]) -> None:
        error = self._store([submission.batch for submission in submissions])
        if error is not None and len(submissions) > 1:
            for submission in submissions:
                self._answer(submission, self._store([submission.batch]))
            return
        for submission in submissions:
            self._answer(submission, error)

    def _store(self, batches: Sequence[Batch]) -> StoreError | None:
        try:
            with self._database.writing() as session:
                write(session, merge(batches), self._spans)
        except StoreError as error:
            return error
        except Exception as error:  # noqa: BLE001 whatever it is, this thread is the only one that answers senders
            return StoreError(f"spans could not be stored: {type(error).__name__}: {error}")
        self._dirty = True
        return None

    def _answer(self, submission: _Submission, error: StoreError | None) -> None:
        with self._lock:
            self._waiting -= submission.batch.size
        if not submission.done.set_running_or_notify_cancel():
            return  # its sender went away
        if error is None:
            submission.done.set_result(None)
        else:
            submission.done.set_exception(error)

    def _rest(self) -> None:
        """Tidies up in a quiet moment. What fails here is done in a later one."""
        try:
            with contextlib.suppress(duckdb.Error), self._database.writing(outdates=False) as session:
                session.run(Query.INGEST_PURGE_PENDING)
            self._dirty = not self._database.checkpoint()
            self._quiet = QUIET_SECONDS
        except StoreError as error:
            _LOG.warning("the log could not be folded into the file, which is tried again: %s", error)
            # Exponential backoff: after each failure the database is opened again, which must not happen all the time.
            self._quiet = min(2 * self._quiet, LONGEST_LOG_SECONDS)
        self._checkpointed = time.monotonic()


def write(session: Session, batch: Batch, spans: SpanTable) -> None:
    """Writes a batch into a transaction: what is not stored yet, and what hangs on it."""
    now = time.time_ns()
    for reason, count in batch.rejected.items():
        session.run(Query.INGEST_INSERT_REJECTION, at_ns=now, reason=reason, records=count, kept=False)
    for reason, count in batch.mended.items():
        session.run(Query.INGEST_INSERT_REJECTION, at_ns=now, reason=reason, records=count, kept=True)
    if not batch.size:
        return
    for name, table in batch.tables.items():
        session.offer(f"incoming_{name}", table)
    session.run(Query.INGEST_INSERT_RESOURCES)
    session.run(Query.INGEST_INSERT_SCOPES)
    if "spans" in batch.tables and batch.tables["spans"].num_rows:
        spans.write(session)
    if "logs" in batch.tables:
        session.run(Query.INGEST_INSERT_LOGS)
    if "points" in batch.tables:
        session.run(Query.INGEST_INSERT_POINTS)
