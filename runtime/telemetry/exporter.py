"""Takes batches of spans to the collector, or to the spool while it is away, and empties the spool when it is back."""

import logging
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from runtime.redaction.redactor import IDLE, Redactor
from runtime.semconv import DROPPED_SPANS
from runtime.telemetry.encoding import SpanEncoder
from runtime.telemetry.losses import Losses
from runtime.telemetry.pause import Pause
from runtime.telemetry.spool import SpanBatch, Spool
from runtime.telemetry.transport import ExportVerdict, Transport

_log: Final = logging.getLogger(__name__)

UNENCODABLE: Final = "they can't be written as OTLP"


class SpoolingExporter(SpanExporter):
    """Sends each batch once, straight away; what the collector can't take now goes to the spool.

    During the pause nothing is tried, so a collector that is away costs its agents one file a batch.
    """

    def __init__(
        self, transport: Transport, spool: Spool, pause: Pause, losses: Losses, redactor: Redactor = IDLE
    ) -> None:
        self._transport = transport
        self._spool = spool
        self._pause = pause
        self._losses = losses
        self._encoder = SpanEncoder(redactor)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Sends or spools a batch. Succeeds where nothing of it was lost."""
        before = self._losses.total
        batch = self._encode(spans)
        if batch and not (self._pause.is_over and self._send(batch)):
            self._spool.put(batch)
        return SpanExportResult.SUCCESS if self._losses.total == before else SpanExportResult.FAILURE

    def drain(self, enough: Callable[[], bool]) -> None:
        """Sends what waits in the spool, oldest first, while the collector takes it.

        Args:
            enough: asked before each batch; true when something else is more urgent.
        """
        with closing(self._spool.claim_batches()) as claims:
            for claim in claims:
                if enough() or not self._pause.is_over or not self._send(claim.batch):
                    return
                claim.settle()

    def spool_spans(self, spans: Sequence[ReadableSpan]) -> None:
        """Spools a batch without trying the collector: for a process that must end now; another one sends it."""
        if batch := self._encode(spans):
            self._spool.put(batch)

    @property
    def is_safe(self) -> bool:
        """Whether nothing waits that would die with the process."""
        return self._spool.is_durable or self._spool.is_empty()

    def shutdown(self) -> None:
        """Lets connections go and says what was lost."""
        self._transport.close()
        self._spool.close()
        self._losses.log_unsaid()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing is held back here."""
        return True

    def _send(self, batch: SpanBatch) -> bool:
        """Whether the batch is settled: stored, or refused for ever."""
        answer = self._transport.send(batch.body)
        if answer.verdict is ExportVerdict.LATER:
            self._pause.record_failure(answer.retry_after)
            _log.debug("Spans wait for the collector: %s.", answer.why)
            return False
        self._pause.record_success()
        if answer.verdict is ExportVerdict.REFUSED:
            self._losses.add(batch.spans, answer.why, for_good=True)
        elif answer.rejected:
            self._losses.add(answer.rejected, answer.why, for_good=True)
        return True

    def _encode(self, spans: Sequence[ReadableSpan]) -> SpanBatch | None:
        try:
            request = self._encoder.encode(spans)
        except Exception:  # noqa: BLE001 - the encoder names no errors of its own
            return self._encode_apart(spans)
        return self._make_batch(request, len(spans))

    def _encode_apart(self, spans: Sequence[ReadableSpan]) -> SpanBatch | None:
        """One span that can't be written must not cost the others of its batch."""
        request, good = ExportTraceServiceRequest(), 0
        for span in spans:
            try:
                request.MergeFrom(self._encoder.encode([span]))
                good += 1
            except Exception:  # noqa: BLE001 - as above
                self._losses.add(1, UNENCODABLE, for_good=True)
        return self._make_batch(request, good) if good else None

    def _make_batch(self, request: ExportTraceServiceRequest, spans: int) -> SpanBatch:
        if lost := self._losses.total:
            for resource_spans in request.resource_spans:
                resource_spans.resource.attributes.add(key=DROPPED_SPANS).value.int_value = lost
        return SpanBatch(request.SerializeToString(), spans)
