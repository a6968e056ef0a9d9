"""Recorded calls as spans: a detail of their step, with what they were given and returned."""

from dataclasses import replace

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode

from runtime.causality.error_info import ErrorInfo
from runtime.codec.encode import encode
from runtime.facts import CallBegun, CallEnded, CallUsage
from runtime.silent import SilentObserver
from tests.runtime.telemetry import samples
from tests.runtime.telemetry.conftest import Recorder

BEGUN = CallBegun(name="search", key="second", arguments={"words": encode("tea", "it")}, at_ns=10)
ENDED = CallEnded(ended_ns=20, tries=2, result=encode(["green"], "it"))


def told(recorder: Recorder, begun: CallBegun = BEGUN, ended: CallEnded = ENDED) -> ReadableSpan:
    """The span of a call within an attempt at a step."""
    attempt = recorder.observer.open(samples.step_begun())
    with attempt.activate():
        attempt.call(begun).end(ended)
    attempt.end(samples.step_ended())
    return recorder.spans[0]


def test_a_call_is_a_tool_below_its_step(recorder: Recorder):
    """By the names that OpenTelemetry has for it; no node of its own."""
    span = told(recorder)
    assert span.name == "call search"
    assert span.parent is not None
    assert span.parent.span_id == samples.STEP_SPAN.span_id
    assert (span.start_time, span.end_time) == (10, 20)
    assert dict(span.attributes or {}) == {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "search",
        "gen_ai.tool.call.arguments": '{"words":"tea"}',
        "gen_ai.tool.call.result": '["green"]',
        "causeline.call.key": "second",
        "causeline.call.tries": 2,
    }


def test_a_call_that_is_told_twice_is_the_same_span(recorder: Recorder):
    """Of another attempt it is another one, as it is under another key."""
    ids = [told(recorder).context, told(recorder).context, told(recorder, replace(BEGUN, key="third")).context]
    spans = [recorder.spans[at].context for at in (0, 2, 4)]
    assert ids[0] is not None
    first, again, other = (one.span_id for one in spans if one is not None)
    assert first == again != other


def test_what_a_call_traces_is_below_it(recorder: Recorder):
    """A model that it asks, for one."""
    attempt = recorder.observer.open(samples.step_begun())
    with attempt.activate():
        call = attempt.call(BEGUN)
        with call.activate():
            inside = trace.get_current_span().get_span_context().span_id
        assert trace.get_current_span().get_span_context().span_id == samples.STEP_SPAN.span_id
        call.end(ENDED)
    attempt.end(samples.step_ended())
    context = recorder.spans[0].context
    assert context is not None
    assert inside == context.span_id


def test_a_call_that_failed_says_why(recorder: Recorder):
    """With its exception; what came from the record says that nothing was tried."""
    failed = CallEnded(ended_ns=20, tries=3, error=ErrorInfo.of(OSError("no route")))
    span = told(recorder, ended=failed)
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == "OSError: no route"
    assert [event.name for event in span.events] == ["exception"]
    recorded = told(recorder, ended=replace(ENDED, tries=0))
    said = recorder.spans[2].attributes or {}
    assert (said["causeline.call.tries"], said["causeline.outcome"]) == (0, "recorded")
    assert recorded is span


def test_a_call_that_waits_for_its_budget_is_no_error(recorder: Recorder):
    """It says what it needs."""
    needs = "needs 300 tokens, 274 left"
    span = told(recorder, ended=CallEnded(ended_ns=20, tries=0, parked=needs))
    said = dict(span.attributes or {})
    assert (said["causeline.outcome"], said["causeline.call.parked"]) == ("parked", needs)
    assert (span.status.status_code, span.events) == (StatusCode.UNSET, ())


@pytest.mark.parametrize(
    ("usage", "attributes"),
    [
        (CallUsage(tokens=40), {"gen_ai.usage.total_tokens": 40}),
        (
            CallUsage(tokens=10, input_tokens=7, output_tokens=3, usd=0.5, model="m-1"),
            {
                "gen_ai.usage.input_tokens": 7,
                "gen_ai.usage.output_tokens": 3,
                "gen_ai.usage.cost": 0.5,
                "gen_ai.request.model": "m-1",
            },
        ),
    ],
)
def test_what_a_call_has_cost_is_said_as_calls_of_models_say_it(
    recorder: Recorder, usage: CallUsage, attributes: dict[str, object]
):
    """So that whoever adds up what was used finds it."""
    said = dict(told(recorder, ended=replace(ENDED, usage=usage)).attributes or {})
    assert {name: value for name, value in said.items() if "usage" in name or "model" in name} == attributes


@pytest.mark.parametrize("word", ["password", "api_key"])
def test_secrets_of_calls_are_hidden(recorder: Recorder, word: str):
    """In what they are given as in what they return."""
    begun = replace(BEGUN, arguments={word: encode("hunter2", "it")})
    span = told(recorder, begun, replace(ENDED, result=encode({word: "hunter2"}, "it")))
    assert "hunter2" not in str(dict(span.attributes or {}))


def test_what_is_not_sampled_has_no_calls(recorder: Recorder):
    """Nor has an observer that drops all."""
    attempt = recorder.observer.open(samples.step_begun(span=replace(samples.STEP_SPAN, sampled=False)))
    with attempt.activate():
        call = attempt.call(BEGUN)
        with call.activate():
            pass
        call.end(ENDED)
    assert recorder.spans == ()
    silent = SilentObserver().open(samples.step_begun()).call(BEGUN)
    with silent.activate():
        silent.end(ENDED)
