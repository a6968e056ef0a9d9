"""The span of an attempt, which is made only if somebody uses it: nobody notices."""

import pytest
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import StatusCode

from runtime.clock import SystemClock
from runtime.redaction.redactor import IDLE
from runtime.telemetry.copies import Copies
from runtime.telemetry.direct_recorder import DirectRecorder
from runtime.telemetry.observer import SpanObserver
from runtime.telemetry.seeds import SeededIds, SeededSampler
from runtime.telemetry.tracers import Tracers
from tests.runtime.telemetry import samples


class Kept(SpanProcessor):
    """Keeps the spans that have ended."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def on_end(self, span: ReadableSpan) -> None:
        self.spans.append(span)


def observed(*, is_straight: bool) -> tuple[SpanObserver, Kept]:
    """An observer that records straight, or each span by way of the SDK, and the spans that it made."""
    kept, scope = Kept(), InstrumentationScope("causeline", "1")
    resource = Resource({"service.name": "logistics"})
    provider = TracerProvider(
        sampler=SeededSampler(), id_generator=SeededIds(), resource=resource, shutdown_on_exit=False
    )
    provider.add_span_processor(kept)
    straight = DirectRecorder(resource, scope, kept) if is_straight else None
    tracers = Tracers(provider.get_tracer(scope.name, scope.version), provider, straight)
    return SpanObserver(tracers, SystemClock(), IDLE, Copies(IDLE), lambda _: True, lambda: None), kept


def described(span: ReadableSpan) -> object:
    """All that a span says."""
    return (
        span.name,
        span.kind,
        span.context,
        span.parent,
        dict(span.attributes or {}),
        [(one.name, one.timestamp, dict(one.attributes or {})) for one in span.events],
        [(link.context, dict(link.attributes or {})) for link in span.links],
        (span.status.status_code, span.status.description),
        (span.start_time, span.end_time),
        span.resource,
        span.instrumentation_scope.name if span.instrumentation_scope else None,
    )


def do_all(observer: SpanObserver) -> None:
    for fact in (samples.run_started(), samples.run_ended(), samples.event_published(), samples.dead_lettered()):
        observer.emit(fact)
    observer.open(samples.delivery_begun()).end(samples.delivery_ended())
    observer.open(samples.step_begun()).end(samples.step_ended(error=samples.ERROR, scores=(samples.SCORE,)))
    attempt = observer.open(samples.step_begun())
    with attempt.activate():
        span = trace.get_current_span()
        span.set_attribute("own", 1)
        span.add_event("noted", timestamp=7)
    attempt.end(samples.step_ended())


def test_spans_that_are_recorded_straight_are_those_of_the_sdk():
    """Those that somebody used, and those that nobody did."""
    (straight, quick), (usual, slow) = observed(is_straight=True), observed(is_straight=False)
    do_all(straight)
    do_all(usual)
    assert [described(span) for span in quick.spans] == [described(span) for span in slow.spans]
    assert len(quick.spans) == 7


def test_spans_below_it_find_their_parent():
    """Also where nobody ever touches it."""
    observer, kept = observed(is_straight=True)
    attempt = observer.open(samples.step_begun())
    with (
        attempt.activate(),
        TracerProvider(shutdown_on_exit=False).get_tracer("own").start_as_current_span("call") as call,
    ):
        assert call.get_span_context().trace_id == samples.TRACE
    attempt.end(samples.step_ended())
    assert kept.spans[0].context is not None
    assert kept.spans[0].context.span_id == samples.STEP_SPAN.span_id


@pytest.mark.parametrize("use", ["set_status", "update_name", "record_exception", "attributes"])
def test_whatever_is_used_of_it_is_there(use: str):
    """It is the SDK's span then."""
    observer, kept = observed(is_straight=True)
    attempt = observer.open(samples.step_begun())
    with attempt.activate():
        span = trace.get_current_span()
        assert span.is_recording()
        match use:
            case "set_status":
                span.set_status(StatusCode.ERROR, "so")
            case "update_name":
                span.update_name("other")
            case "record_exception":
                span.record_exception(ValueError("no"))
            case _:
                assert span.attributes["causeline.node.kind"] == "step"  # type: ignore[attr-defined] # one that is recorded
    attempt.end(samples.step_ended())
    (made,) = kept.spans
    found = {"set_status": made.status.description, "update_name": made.name, "record_exception": len(made.events)}
    assert found.get(use, 1) in ("so", "other", 1)


def test_what_comes_after_its_end_comes_too_late():
    """As on any span: it is one span all the same."""
    observer, kept = observed(is_straight=True)
    attempt = observer.open(samples.step_begun())
    with attempt.activate():
        span = trace.get_current_span()
    attempt.end(samples.step_ended())
    span.set_attribute("late", 1)
    assert not span.is_recording()
    assert len(kept.spans) == 1
    assert "late" not in (kept.spans[0].attributes or {})


def test_limits_that_somebody_set_are_left_to_the_sdk():
    """It cuts values, and counts what it leaves out."""
    scope, resource = InstrumentationScope("causeline", "1"), Resource({})
    assert DirectRecorder.create_within_limits(SpanLimits(), resource, scope, Kept()) is not None
    assert DirectRecorder.create_within_limits(SpanLimits(max_attribute_length=10), resource, scope, Kept()) is None
    assert DirectRecorder.create_within_limits(SpanLimits(max_span_attributes=5), resource, scope, Kept()) is None
