"""From a span that ended to the exporter, on a thread of its own.

The SDK's batch processor does the same, but its flush ignores its timeout, its shutdown may wait for 30 seconds and
then drops what is queued, and it does not say how much it dropped.
"""

import logging
import os
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from opentelemetry import context
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor

from runtime.telemetry.exporter import SpoolingExporter
from runtime.telemetry.losses import Losses

_log: Final = logging.getLogger(__name__)

OVERFLOW: Final = "they came faster than they could be handed over"
TOO_LATE: Final = "they ended after telemetry was closed"

#: Seconds that `shutdown` waits for what is on its way to the collector; then everything goes to the spool.
PATIENCE: Final = 2.0

#: Instrumentation libraries leave requests alone that are made under this key: the exporter's must not make spans.
_SUPPRESS: Final = "suppress_instrumentation"


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """How spans are gathered."""

    delay: float = 0.5
    """Seconds between two exports, unless a batch is full before."""
    queue: int = 16_384
    """Spans that may wait in memory."""
    batch: int = 512
    """Spans of one export at most."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """The pace that the `OTEL_BSP_*` variables ask for; what is no positive whole number is ignored."""
        ours = cls()
        queue = _read_positive_int(environ, "MAX_QUEUE_SIZE", ours.queue)
        delay = _read_positive_int(environ, "SCHEDULE_DELAY", round(ours.delay * 1000)) / 1000
        return cls(delay, queue, min(queue, _read_positive_int(environ, "MAX_EXPORT_BATCH_SIZE", ours.batch)))


class Pipeline(SpanProcessor):
    """Queues sampled spans and exports them in batches; drains the spool while there is nothing else to do."""

    _closing: bool
    _thread: threading.Thread

    def __init__(self, exporter: SpoolingExporter, losses: Losses, pace: BatchSettings) -> None:
        self._exporter = exporter
        self._losses = losses
        self._pace = pace
        self._start()

    def on_end(self, span: ReadableSpan) -> None:
        """Takes a span that ended. Never blocks on the network."""
        if span.context is None or not span.context.trace_flags.sampled:
            return
        if self._pid != os.getpid():
            # A forked child inherits the queue, which its parent exports, but not the thread.
            self._start()
        refusal = self._accept(span)
        if refusal:
            self._losses.add(1, refusal)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Exports what was queued before the call.

        Args:
            timeout_millis: milliseconds to wait at most.

        Returns:
            Whether all of it was sent or is safely on disk.
        """
        lost = self._losses.total
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            target = self._accepted
            in_time = self._changed.wait_for(lambda: self._settled >= target, timeout_millis / 1000)
        return in_time and self._losses.total == lost and self._exporter.is_safe

    def shutdown(self) -> None:
        """Exports what is left, or spools it where the collector takes too long. Takes about `PATIENCE` at most."""
        with self._changed:
            if self._closing:
                return
            self._closing = True
            self._changed.notify_all()
        self._thread.join(PATIENCE)
        with self._changed:
            left = [*self._taken, *self._queue]
            self._queue.clear()
        if left:
            self._exporter.spool_spans(left)
        self._exporter.shutdown()

    def _start(self) -> None:
        self._pid = os.getpid()
        self._changed = threading.Condition()
        self._queue: deque[ReadableSpan] = deque()
        self._taken: list[ReadableSpan] = []
        self._accepted = self._settled = 0
        self._hurry = False
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="causeline-telemetry", daemon=True)
        self._thread.start()

    def _accept(self, span: ReadableSpan) -> str:
        """Queues a span, or says why not."""
        with self._changed:
            if self._closing:
                return TOO_LATE
            if len(self._queue) >= self._pace.queue:
                return OVERFLOW
            self._queue.append(span)
            self._accepted += 1
            if len(self._queue) >= self._pace.batch:
                self._changed.notify_all()
        return ""

    def _run(self) -> None:
        context.attach(context.set_value(_SUPPRESS, value=True))
        while self._wait():
            try:
                self._export()
                self._exporter.drain(self._is_urgent)
            except Exception:  # noqa: BLE001 - without this thread nothing would be handed over any more
                _log.exception("Spans could not be handed over; the next ones are tried again.")
        self._export()

    def _wait(self) -> bool:
        """Waits for something to do; false when the pipeline closes."""
        with self._changed:
            self._changed.wait_for(self._is_urgent, self._pace.delay)
            self._hurry = False
            return not self._closing

    def _is_urgent(self) -> bool:
        return self._closing or self._hurry or len(self._queue) >= self._pace.batch

    def _export(self) -> None:
        while batch := self._take():
            try:
                self._exporter.export(batch)
            finally:
                with self._changed:
                    self._settled += len(batch)
                    self._taken = []
                    self._changed.notify_all()

    def _take(self) -> list[ReadableSpan]:
        with self._changed:
            count = min(self._pace.batch, len(self._queue))
            self._taken = [self._queue.popleft() for _ in range(count)]
            return self._taken


def _read_positive_int(environ: Mapping[str, str], name: str, otherwise: int) -> int:
    text = environ.get(f"OTEL_BSP_{name}", "").strip()
    return int(text) if text.isdecimal() and int(text) > 0 else otherwise
