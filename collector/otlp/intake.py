"""What was taken and what was refused since the collector began, counted as it is received."""

import threading
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

from collector.errors import CollectorError
from collector.otlp import refusals
from collector.otlp.budget import Budget
from collector.otlp.parcel import Limits, Parcel
from collector.otlp.receiver import Receiver
from collector.otlp.signals import Signal
from collector.store.batch import Batch
from collector.store.writer import Writer
from runtime.redaction.redactor import Redactor

#: Reasons that are told apart; what is refused for any other one counts as `other`.
_REASONS: Final = 50


class IntakeCounts:
    """Counts. Safe across threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._accepted: Counter[str] = Counter()
        self._refused: Counter[tuple[str, str]] = Counter()
        self._requests: Counter[tuple[str, str]] = Counter()
        self._received: Counter[str] = Counter()

    def count_stored(self, signal: str, batch: Batch) -> None:
        """Counts a request that was stored."""
        with self._lock:
            self._accepted[signal] += batch.size
            self._requests[signal, "ok"] += 1
            for reason, count in batch.rejected.items():
                is_known = (signal, reason) in self._refused or len(self._refused) < _REASONS
                self._refused[signal, reason if is_known else "other"] += count

    def count_refused(self, signal: str, error: CollectorError) -> None:
        """Counts a request that was refused as a whole."""
        with self._lock:
            self._requests[signal, refusals.find_refusal(error).reason] += 1

    def count_bytes(self, signal: str, size: int) -> None:
        """Counts bytes as they were sent."""
        with self._lock:
            self._received[signal] += size

    def counts(self) -> tuple[dict[str, int], dict[tuple[str, str], int], dict[tuple[str, str], int], dict[str, int]]:
        """Returns records that were accepted, by signal; records that were refused, by signal and reason; requests, by
        signal and outcome; and bytes received, by signal."""
        with self._lock:
            return dict(self._accepted), dict(self._refused), dict(self._requests), dict(self._received)


class CountedReceiver(Receiver):
    """A receiver that counts.

    Args:
        writer: who stores what requests hold.
        limits: how large and how slow a request may be.
        budget: what all requests may hold at once.
        redactor: what takes secrets out; None for the usual one.
    """

    def __init__(self, writer: Writer, limits: Limits, budget: Budget, redactor: Redactor | None = None) -> None:
        super().__init__(writer, limits, budget, redactor)
        self.intake = IntakeCounts()
        self._queue = writer
        self._room = budget

    @property
    def waiting(self) -> tuple[int, int]:
        """Records that wait to be stored, and bytes that requests under way hold."""
        return self._queue.waiting, self._room.held_bytes

    async def receive(self, signal: Signal, parcel: Parcel) -> Batch:
        """Stores one request, as `Receiver` does, and counts it."""
        try:
            batch = await super().receive(signal, replace(parcel, chunks=self._count_chunks(signal, parcel.chunks)))
        except CollectorError as error:
            self.intake.count_refused(signal.name, error)
            raise
        self.intake.count_stored(signal.name, batch)
        return batch

    async def _count_chunks(self, signal: Signal, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            self.intake.count_bytes(signal.name, len(chunk))
            yield chunk
