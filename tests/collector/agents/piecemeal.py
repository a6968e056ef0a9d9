"""What programs send, span by span, and time ranges of it."""

from collections.abc import Iterator

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.otlp.decode import spans
from collector.questions.windows import Range
from collector.store.database import Database
from collector.store.records import RecordWriter

EVER = Range.everything()


def ranges(requests: list[ExportTraceServiceRequest]) -> Iterator[Range]:
    """All time, and parts of what programs did that begin and end anywhere."""
    yield EVER
    begins = sorted(
        span.start_time_unix_nano
        for request in requests
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    )
    yield Range(begins[len(begins) // 3], begins[-1] + 1, None)
    yield Range(begins[0], begins[2 * len(begins) // 3], None)


def single(requests: list[ExportTraceServiceRequest]) -> Iterator[ExportTraceServiceRequest]:
    """Each span by itself."""
    for request in requests:
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                for span in scope.spans:
                    one = ExportTraceServiceRequest()
                    sent = one.resource_spans.add(resource=resource.resource)
                    sent.scope_spans.add(scope=scope.scope, spans=[span])
                    yield one


def store(records: RecordWriter, database: Database, *requests: ExportTraceServiceRequest) -> None:
    """Stores spans, each request in a transaction of its own."""
    for request in requests:
        with database.writing() as session:
            records.write(session, spans.decode(request.SerializeToString()))
