"""Where spans stand, what is kept of them, and that nothing of it reaches the work."""

import asyncio
import threading
from dataclasses import replace
from uuid import UUID

import pytest
from opentelemetry import baggage, context, trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, TraceState

from runtime.causality.trace_context import TraceContext
from runtime.facts import Ambient
from runtime.settings import Settings
from runtime.telemetry.setup import build_observer
from tests.runtime.telemetry import samples
from tests.runtime.telemetry.conftest import Recorder, record


def stands(span: ReadableSpan) -> tuple[int, int, int | None, list[tuple[int, int]]]:
    """Trace, span, parent, links."""
    assert span.context is not None
    links = [(link.context.trace_id, link.context.span_id) for link in span.links]
    return span.context.trace_id, span.context.span_id, span.parent.span_id if span.parent else None, links


def test_a_span_has_the_ids_that_the_core_decided(recorder: Recorder):
    """Told twice, it is the same span twice: a duplicate, not another."""
    for _ in range(2):
        recorder.observer.emit(samples.event_published())
    expected = (samples.TRACE, 0xA3, 0xA2, [])
    assert [stands(span) for span in recorder.spans] == [expected, expected]


def test_a_fact_without_parent_begins_the_trace_that_it_names(recorder: Recorder):
    """The trace id is the fact's and counts as random."""
    recorder.observer.emit(samples.run_started())
    assert stands(recorder.only) == (samples.TRACE, 0xA1, None, [])
    assert recorder.only.context is not None
    assert recorder.only.context.trace_flags.random_trace_id


def test_a_delivery_is_below_its_publish_and_linked_to_it(recorder: Recorder):
    """Both ties, so that viewers of either kind show it."""
    recorder.observer.open(samples.delivery_begun()).end(samples.delivery_ended())
    assert stands(recorder.only) == (samples.TRACE, 0xA4, 0xA3, [(samples.TRACE, 0xA3)])


def test_a_parent_in_another_trace_is_linked(recorder: Recorder):
    """A span can't have a parent elsewhere; the tie is kept as a link, once."""
    begun = samples.delivery_begun(span=samples.OTHER_TRACE, links=())
    recorder.observer.open(begun).end(samples.delivery_ended())
    recorder.observer.open(replace(begun, links=(samples.PUBLISH_SPAN,))).end(samples.delivery_ended())
    expected = (samples.TRACE + 1, 0xB1, None, [(samples.TRACE, 0xA3)])
    assert [stands(span) for span in recorder.spans] == [expected, expected]


def test_the_tracestate_of_a_foreign_caller_travels_on(recorder: Recorder):
    """What another vendor wrote is not ours to lose."""
    recorder.observer.emit(samples.run_started(span=TraceContext(samples.TRACE, 0xA1, state="vendor=x")))
    assert recorder.only.context is not None
    assert recorder.only.context.trace_state.to_header() == "vendor=x"


def unsampled(span: TraceContext) -> TraceContext:
    return replace(span, sampled=False)


def test_what_is_not_sampled_makes_no_spans(recorder: Recorder):
    """Neither moments, nor attempts, nor their markers."""
    recorder.observer.emit(samples.event_published(span=unsampled(samples.PUBLISH_SPAN)))
    attempt = recorder.observer.open(samples.step_begun(span=unsampled(samples.STEP_SPAN)))
    attempt.pending()
    attempt.end(samples.step_ended())
    assert recorder.spans == ()


def test_what_operators_need_is_kept_without_sampling(recorder: Recorder):
    """Dead letters, replays and discards; marked as sampled, or a processor would drop them."""
    for fact in (samples.dead_lettered(), samples.replayed(), samples.discarded()):
        recorder.observer.emit(replace(fact, span=unsampled(fact.span)))
    verbs = [span.name.partition(" ")[0] for span in recorder.spans]
    assert verbs == ["dead_letter", "replay", "discard"]


def test_what_is_kept_without_sampling_says_so(recorder: Recorder):
    """What led to it is missing on purpose; a reader must not take that for a loss."""
    facts = (samples.dead_lettered(), samples.replayed(), samples.discarded())
    for fact in facts:
        recorder.observer.emit(replace(fact, span=unsampled(fact.span)))
        recorder.observer.emit(fact)
    said = [(span.attributes or {}).get("causeline.sampled") for span in recorder.spans]
    assert said == [False, None] * len(facts)


def test_what_is_not_sampled_is_not_claimed_to_be(recorder: Recorder):
    """The parent and the links of a letter that is kept without sampling say truly that they are not there."""
    letter, attempt = samples.dead_lettered(), unsampled(samples.PROCESS_SPAN)
    recorder.observer.emit(replace(letter, span=unsampled(letter.span), parent=attempt, links=(attempt,)))
    span = recorder.only
    assert span.parent is not None
    assert [one.trace_flags.sampled for one in (span.parent, span.links[0].context)] == [False, False]


def test_a_foreign_sampler_does_not_decide_about_our_spans():
    """The core decided once; deciding again for each trace would cut holes into chains."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    theirs = provider.get_tracer("theirs")
    build_observer("logistics", Settings(), None, provider=provider).emit(samples.run_started())
    theirs.start_span("not kept").end()
    assert [span.name for span in exporter.get_finished_spans()] == ["start shipment"]


def test_a_users_span_nests_below_the_attempt(recorder: Recorder):
    """From a tracer of their own provider, as model libraries have it."""
    exporter = InMemorySpanExporter()
    theirs = TracerProvider(shutdown_on_exit=False)
    theirs.add_span_processor(SimpleSpanProcessor(exporter))
    attempt = recorder.observer.open(samples.step_begun())
    with attempt.activate(), theirs.get_tracer("model").start_as_current_span("chat"):
        pass
    attempt.end(samples.step_ended())
    (chat,) = exporter.get_finished_spans()
    trace_id, _, parent, _ = stands(chat)
    assert (trace_id, parent) == (samples.TRACE, 0xA2)


def test_spans_of_the_same_provider_get_ids_of_its_own(recorder: Recorder):
    """Our ids are only for our spans, also while an attempt is active."""
    attempt = recorder.observer.open(samples.step_begun())
    with attempt.activate():
        recorder.provider.get_tracer("model").start_span("chat").end()
    attempt.end(samples.step_ended())
    chat, step = recorder.spans
    assert stands(chat)[1] != stands(step)[1]
    assert stands(chat)[2] == stands(step)[1] == 0xA2


async def test_attempts_that_run_at_once_keep_their_contexts_apart(recorder: Recorder):
    """Each task sees its own attempt before and after it gave way, and so does a thread that it starts."""
    both = asyncio.Barrier(2)

    async def work(span: TraceContext) -> set[int]:
        seen = set()
        with recorder.observer.open(samples.step_begun(span=span)).activate():
            seen.add(trace.get_current_span().get_span_context().span_id)
            await both.wait()
            seen.add(trace.get_current_span().get_span_context().span_id)
            seen.add((await asyncio.to_thread(trace.get_current_span)).get_span_context().span_id)
        return seen

    spans = [TraceContext(samples.TRACE, 0xC1), TraceContext(samples.TRACE, 0xC2)]
    assert await asyncio.gather(*map(work, spans)) == [{0xC1}, {0xC2}]
    assert not trace.get_current_span().get_span_context().is_valid


def test_the_surroundings_of_a_call_are_its_span_and_correlation(recorder: Recorder):
    """Inside an attempt: the attempt."""
    assert recorder.observer.ambient() == Ambient()
    with recorder.observer.open(samples.step_begun()).activate():
        assert recorder.observer.ambient() == Ambient(samples.STEP_SPAN, samples.CORRELATION)
    assert recorder.observer.ambient() == Ambient()


def test_the_span_of_a_foreign_caller_is_read_whole(recorder: Recorder):
    """Its decision not to sample holds, and what its vendor wrote travels on."""
    theirs = SpanContext(
        samples.TRACE, 0xF1, is_remote=False, trace_flags=TraceFlags(0), trace_state=TraceState([("vendor", "x")])
    )
    token = context.attach(trace.set_span_in_context(NonRecordingSpan(theirs)))
    try:
        found = recorder.observer.ambient()
    finally:
        context.detach(token)
    assert found == Ambient(TraceContext(samples.TRACE, 0xF1, sampled=False, state="vendor=x"))


@pytest.mark.parametrize(("text", "found"), [(str(samples.RUN), samples.RUN), ("not an id", None), (7, None)])
def test_a_correlation_from_outside_is_read_from_baggage(recorder: Recorder, text: object, found: UUID | None):
    """An unreadable one is ignored: a bad carrier never fails the work."""
    token = context.attach(baggage.set_baggage("causeline.correlation.id", text))
    try:
        assert recorder.observer.ambient() == Ambient(None, found)
    finally:
        context.detach(token)


def test_work_that_goes_on_is_marked_once(recorder: Recorder):
    """A marker of its own below the attempt, with the same attributes, gone out before the attempt ends."""
    attempt = recorder.observer.open(samples.step_begun())
    threads = [threading.Thread(target=attempt.pending) for _ in range(3)]
    for thread in threads:
        thread.start()
        thread.join()
    marker = recorder.only
    attempt.end(samples.step_ended())
    step = recorder.spans[1]
    assert (marker.name, stands(marker)[0], stands(marker)[2]) == ("pending step sorting", samples.TRACE, 0xA2)
    assert stands(marker)[1] != 0xA2
    assert marker.start_time == marker.end_time
    of_step = {key: value for key, value in (step.attributes or {}).items() if key != "causeline.outcome"}
    assert dict(marker.attributes or {}) == of_step | {"causeline.pending": True}


def test_closing_leaves_a_users_provider_open(recorder: Recorder):
    """It is theirs to shut down."""
    recorder.observer.emit(samples.run_started())
    assert recorder.observer.flush(1)
    recorder.observer.close()
    recorder.provider.get_tracer("theirs").start_span("still here").end()
    assert [span.name for span in recorder.spans] == ["start shipment", "still here"]


def test_payloads_can_be_left_out():
    """The size is still told."""
    recorder = record(payloads=False)
    recorder.observer.emit(samples.event_published())
    attributes = recorder.only.attributes or {}
    assert "causeline.event.payload" not in attributes
    assert attributes["messaging.message.body.size"] == 35


def test_the_size_is_that_of_the_whole_payload(recorder: Recorder):
    """Also where only its beginning travels."""
    recorder.observer.emit(samples.event_published(data='"' + "é" * 10_000 + '"'))
    attributes = recorder.only.attributes or {}
    assert attributes["messaging.message.body.size"] == 20_002
    assert len(str(attributes["causeline.event.payload"]).encode()) <= 8192


def test_a_fault_in_telemetry_does_not_reach_the_work(recorder: Recorder, caplog: pytest.LogCaptureFixture):
    """It is logged, and the work goes on with an attempt that nobody observes."""
    broken = samples.step_begun(step=None)
    broken = replace(broken, node_id=None, kind=None)
    attempt = recorder.observer.open(broken)
    with attempt.activate():
        attempt.pending()
    attempt.end(samples.step_ended())
    recorder.observer.emit(replace(samples.event_published(), kind=None))
    assert recorder.spans == ()
    assert "could not be recorded" in caplog.text
