"""What was refused, and what processes lost."""

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.store.queries import Query
from runtime import semconv
from tests.collector.alerts.guarded import Guard
from tests.collector.story import Story, any_value, place


async def test_what_was_refused_by_reason(guard: Guard) -> None:
    """Not what was taken without a value; until none was for a while."""
    with guard.database.writing() as session:
        for reason, count, kept in (("no trace id", 3, False), ("no end", 5, False), ("bad text", 9, True)):
            session.run(
                Query.INGEST_INSERT_REJECTION, at_ns=guard.clock.wall(), reason=reason, records=count, kept=kept
            )
    await guard.look(after=1)
    (alert,) = guard.firing()
    assert alert.title == "8 spans, log records or data points were refused"
    assert alert.detail == "5: no end; 3: no trace id"
    await guard.look(after=900)
    await guard.lasting(90)
    assert guard.firing() == []


async def test_what_processes_lost(guard: Guard) -> None:
    """By service."""
    story = Story("shop")
    story.add("work", place("lost", "1"))
    request = ExportTraceServiceRequest.FromString(story.request())
    request.resource_spans[0].resource.attributes.add(key=semconv.DROPPED_SPANS).value.CopyFrom(any_value(7))
    guard.tell_request(request.SerializeToString())
    await guard.look(after=1)
    (alert,) = guard.firing()
    assert (alert.title, alert.about) == ("shop dropped 7 spans", {"app": "shop"})
