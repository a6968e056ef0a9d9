"""The one writer: requests that come together share a transaction, and are answered once it is committed."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final

import duckdb

from collector.errors import CollectorError, OverloadedError, StoreError
from collector.store.batch import Batch, merge_batches
from collector.store.database import Database
from collector.store.fair_queue import FairQueue
from collector.store.precedence import PATIENCE
from collector.store.queries import Query
from collector.store.records import RecordWriter
from collector.store.transaction_pace import TransactionPace

_LOG: Final = logging.getLogger(__name__)

#: Seconds that the first request of a transaction waits for others that are being decoded: most of what a transaction
#: takes is the same for a span and for a thousand. Alone it waits for nobody.
WINDOW_SECONDS: Final = 0.025

#: Spans with which a transaction waits for no more beside questions, and the share of those that may wait: a larger one
#: saves little, and nobody is to be refused because it waits.
_ENOUGH_SPANS: Final = 4_096
_ENOUGH_OF_LIMIT: Final = 0.25

#: Seconds without a request after which the log is folded into the file.
QUIET_SECONDS: Final = 2.0

#: Most spans that one transaction takes.
TRANSACTION_SPANS: Final = 50_000

#: Bytes of spans at which a transaction takes no more; DuckDB needs several times as many to write them.
TRANSACTION_BYTES: Final = 64 * 2**20

#: Requests at which it takes no more: putting them together costs some work each.
TRANSACTION_REQUESTS: Final = 1000

#: Seconds between two tries to interrupt what is under way.
_AGAIN: Final = 0.05

#: What is said to those whose turn does not come any more.
_ENDING: Final = "the collector is ending"

#: Seconds under constant load after which a checkpoint is made all the same.
LONGEST_LOG_SECONDS: Final = 300.0

#: Bytes by which the log may grow before a checkpoint is made under load: after a crash each GB of it takes 15 s to be
#: read again. To fold so many into the file takes as long as two or three large transactions.
LARGEST_LOG: Final = 96 * 2**20

#: Seconds without a quiet moment after which a checkpoint under load puts groups of rows together, too. Those that it
#: leaves are as large as the log was; what quiet moments leave is a few spans each, and put together each time.
LONGEST_APART_SECONDS: Final = 600.0

#: Seconds that what comes in, and who asks, wait at most for a long answer, so that groups are put together after it.
_LONGEST_PATIENCE: Final = 3.0


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
        self._records = RecordWriter(database)
        self._waiting: FairQueue[_Submission] = FairQueue(limit)
        self._pace = TransactionPace()
        self._enough = min(_ENOUGH_SPANS, _ENOUGH_OF_LIMIT * limit)
        self._coming = 0
        self._closed = False
        self._has_looked = False
        self._deadline = float("inf")
        self._changed = threading.Condition()
        self._checkpointed = time.monotonic()
        self._log_bytes = 0
        self._dirty = False
        self._quiet = QUIET_SECONDS
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        """Begins to write."""
        self._thread.start()

    @contextlib.contextmanager
    def expect_request(self) -> Iterator[None]:
        """Announces a request that is being decoded: the transaction that gathers waits for it, if not for long."""
        with self._changed:
            self._coming += 1
        try:
            yield
        finally:
            with self._changed:
                self._coming -= 1
                self._changed.notify()

    def submit(self, batch: Batch, host: str = "") -> "Future[None]":
        """Hands a batch over.

        Args:
            batch: what to store.
            host: who sent it; with the service that it comes from, whose turn it takes.

        Returns:
            Done when the batch is committed; fails with `StoreError` when it could not be, and with `OverloadedError`
            when the collector ended before its turn came.

        Raises:
            OverloadedError: when too many spans wait already, or the collector is closing.
        """
        submission = _Submission(batch)
        with self._changed:
            if self._closed:
                raise OverloadedError(_ENDING)
            self._waiting.put(host, batch.service, submission, max(1, batch.size))
            self._changed.notify()
        return submission.done

    @property
    def has_loaded_ids(self) -> bool:
        """Whether it has read what is stored, for which everybody waits who sends."""
        return self._has_looked

    @property
    def waiting(self) -> int:
        """Records that wait to be committed."""
        return self._waiting.size

    def close(self, patience: float = float("inf")) -> None:
        """Commits what was handed over, then ends. Safe to call twice.

        Args:
            patience: seconds after which what has not had its turn is refused, and what is under way rolled back.
        """
        with self._changed:
            self._deadline = min(self._deadline, time.monotonic() + patience)
            self._closed = True
            self._changed.notify()
        if not self._thread.is_alive():
            return
        self._thread.join(None if patience == float("inf") else patience)
        while self._thread.is_alive():
            if self._thread.ident is not None:
                self._database.interrupt(self._thread.ident)
            self._thread.join(_AGAIN)

    def _run(self) -> None:
        self._load_stored_ids()
        while True:
            submissions = self._gather()
            if submissions:
                with self._pace.measure(len(submissions)):
                    self._commit(submissions)
            elif self._closed:
                return None
            else:
                self._tidy_up()
            if time.monotonic() > self._deadline:
                return self._refuse_waiting()
            if self._has_long_log():
                self._tidy_up(self._patience_under_load())

    def _load_stored_ids(self) -> None:
        """Reads what is stored. Questions are answered meanwhile, only slower, and what comes in waits: after a kill
        the collector is there in three seconds, however much is stored."""
        try:
            self._records.load_stored_ids()
        except Exception as error:  # noqa: BLE001 whatever it is, the first spans that come in have it tried again
            if not self._closed:  # else it was cut off
                _LOG.warning("what is stored could not be read, which is tried again: %s", error)
        self._has_looked = True

    def _has_long_log(self) -> bool:
        has_grown = self._database.log_bytes - self._log_bytes > LARGEST_LOG
        return has_grown or time.monotonic() - self._checkpointed > LONGEST_LOG_SECONDS

    def _gather(self) -> list[_Submission]:
        """Returns what arrives within the window, of each sender in turn; nothing when it was quiet, or at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed, self._quiet if self._dirty else None)
            if self._waiting and not self._closed:
                self._changed.wait_for(self._is_gathering_done, WINDOW_SECONDS)
                if self._database.precedence.has_recent_questions:
                    self._changed.wait_for(self._has_enough_spans, self._pace.rest_seconds())
            submissions: list[_Submission] = []
            size = weight = 0
            while self._waiting and size < TRANSACTION_SPANS and weight < TRANSACTION_BYTES:
                if len(submissions) == TRANSACTION_REQUESTS:
                    break
                submissions.append(submission := self._waiting.take())
                size += submission.batch.size
                weight += submission.batch.weight
        return submissions

    def _is_gathering_done(self) -> bool:
        return self._closed or not self._coming or self._waiting.size >= TRANSACTION_SPANS

    def _has_enough_spans(self) -> bool:
        return self._closed or self._waiting.size >= self._enough or self._pace.is_recent_maximum(len(self._waiting))

    def _refuse_waiting(self) -> None:
        while self._waiting:
            self._answer(self._waiting.take(), OverloadedError(_ENDING))

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
            self._write(batches)
        except StoreError as error:
            return error
        except Exception as error:  # noqa: BLE001 whatever it is, this thread is the only one that answers senders
            return StoreError(f"spans could not be stored: {type(error).__name__}: {error}")
        self._dirty = True
        return None

    def _write(self, batches: Sequence[Batch]) -> None:
        try:
            self._write_beside(batches)
        except StoreError as error:
            _LOG.warning("questions give way to spans that come in: %s", error)
            with self._database.precedence.hold():
                self._write_beside(batches)

    def _write_beside(self, batches: Sequence[Batch]) -> None:
        with self._database.writing() as session:
            self._records.write(session, merge_batches(batches))

    def _answer(self, submission: _Submission, error: CollectorError | None) -> None:
        if not submission.done.set_running_or_notify_cancel():
            return  # its sender went away
        if error is None:
            submission.done.set_result(None)
        else:
            submission.done.set_exception(error)

    def _patience_under_load(self) -> float | None:
        """Returns how long a checkpoint may wait for who reads: the longer, the longer ago the last one was that found
        a moment in which nobody did."""
        times = (time.monotonic() - self._database.merged) / LONGEST_APART_SECONDS
        return min(times * PATIENCE, _LONGEST_PATIENCE) if times > 1 else None

    def _tidy_up(self, patience: float | None = PATIENCE) -> None:
        """Tidies up, in a quiet moment or where the log has grown long. What fails here is done later."""
        try:
            with contextlib.suppress(duckdb.Error), self._database.writing(outdates=False) as session:
                session.run(Query.INGEST_PURGE_PENDING)
            self._dirty = not self._database.checkpoint(patience=patience)
            self._quiet = QUIET_SECONDS
        except StoreError as error:
            _LOG.warning("the log could not be folded into the file, which is tried again: %s", error)
            # Exponential backoff: after each failure the database is opened again, which must not happen all the time.
            self._quiet = min(2 * self._quiet, LONGEST_LOG_SECONDS)
        self._checkpointed = time.monotonic()
        self._log_bytes = self._database.log_bytes  # what a transaction that was in the way kept back
