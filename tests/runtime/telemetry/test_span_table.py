"""Every row of the span table, attribute by attribute: data on disk depends on them."""

from dataclasses import fields, replace

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from runtime.causality.trace_context import TraceContext
from runtime.facts import AttemptEnded, WaitEnded
from runtime.outages import Deferral, Outage
from runtime.semconv import DeliveryOutcome, InboxState, RunOutcome, SpanVerb, StepOutcome
from runtime.telemetry.endings import has_details
from runtime.transfers import Transfer
from tests.runtime.telemetry import samples
from tests.runtime.telemetry.conftest import Recorder

SHARED = {"causeline.correlation.id": str(samples.CORRELATION), "cloudevents.event_subject": "S-1"}
MESSAGING = {"messaging.system": "causeline", "messaging.destination.name": "shipment.delivered"}
OF_GROUP = {"messaging.consumer.group.name": "sms", "messaging.message.id": str(samples.EVENT)}

TICK = {
    "causeline.correlation.id": str(samples.CORRELATION),
    "causeline.node.id": str(samples.RUN),
    "causeline.node.kind": "tick",
    "gen_ai.agent.name": "nightly",
    "causeline.schedule.name": "nightly",
    "causeline.schedule.tick": "2023-11-14T22:13:20Z",
    "causeline.schedule.tick_kind": "hand",
    "causeline.operator": "ada",
}
START = SHARED | {
    "causeline.node.id": str(samples.RUN),
    "causeline.node.kind": "run",
    "gen_ai.agent.name": "shipment",
    "gen_ai.workflow.name": "shipment",
    "causeline.run.id": str(samples.RUN),
    "causeline.run.input_keys": ("order",),
}
INVOKE = SHARED | {
    "causeline.node.id": str(samples.RUN),
    "causeline.node.kind": "run",
    "gen_ai.agent.name": "shipment",
    "gen_ai.operation.name": "invoke_workflow",
    "causeline.attempt": 1,
    "gen_ai.workflow.name": "shipment",
    "causeline.run.id": str(samples.RUN),
    "causeline.outcome": "ok",
}
STEP = SHARED | {
    "causeline.node.id": str(samples.STEP),
    "causeline.node.kind": "step",
    "causeline.causation.id": str(samples.RUN),
    "gen_ai.agent.name": "sorting",
    "gen_ai.workflow.name": "shipment",
    "causeline.run.id": str(samples.RUN),
    "causeline.step.name": "sorting",
    "causeline.attempt": 1,
    "causeline.causes": (str(samples.UPSTREAM),),
    "causeline.step.depth": 2,
    "causeline.keys.read": ("pickup",),
    "causeline.context.size": 120,
    "causeline.outcome": "ok",
}
PUBLISH = (
    SHARED
    | MESSAGING
    | {
        "causeline.node.id": str(samples.EVENT),
        "causeline.node.kind": "event",
        "causeline.causation.id": str(samples.STEP),
        "gen_ai.agent.name": "sorting",
        "messaging.operation.name": "publish",
        "messaging.operation.type": "send",
        "messaging.message.id": str(samples.EVENT),
        "cloudevents.event_source": "/logistics",
        "messaging.message.body.size": 35,
        "causeline.event.payload": '{"phone":"555","token":"[redacted]"}',
    }
)
PROCESS = (
    SHARED
    | MESSAGING
    | OF_GROUP
    | {
        "causeline.node.id": str(samples.DELIVERY),
        "causeline.node.kind": "delivery",
        "causeline.causation.id": str(samples.EVENT),
        "gen_ai.agent.name": "sms",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "causeline.round": 0,
        "causeline.attempt": 1,
        "causeline.outcome": "ok",
    }
)
DEAD_LETTER = (
    SHARED
    | MESSAGING
    | OF_GROUP
    | {
        "causeline.node.id": str(samples.LETTER),
        "causeline.node.kind": "dead_letter",
        "causeline.causation.id": str(samples.DELIVERY),
        "gen_ai.agent.name": "sms",
        "messaging.operation.name": "dead_letter",
        "messaging.operation.type": "settle",
        "causeline.round": 0,
        "causeline.dead_letter.reason": "max_attempts",
        "causeline.dead_letter.attempts": 5,
        "error.type": "GatewayError",
    }
)
REPLAY = (
    SHARED
    | MESSAGING
    | OF_GROUP
    | {
        "causeline.node.id": str(samples.REPLAY),
        "causeline.node.kind": "replay",
        "causeline.causation.id": str(samples.LETTER),
        "gen_ai.agent.name": "ada",
        "messaging.operation.name": "replay",
        "messaging.operation.type": "send",
        "causeline.round": 1,
        "causeline.dead_letter.id": str(samples.LETTER),
        "causeline.operator": "ada",
    }
)
DISCARD = (
    SHARED
    | MESSAGING
    | OF_GROUP
    | {
        "causeline.node.id": str(samples.DISCARD),
        "causeline.node.kind": "discard",
        "causeline.causation.id": str(samples.LETTER),
        "gen_ai.agent.name": "ada",
        "messaging.operation.name": "discard",
        "messaging.operation.type": "settle",
        "causeline.round": 0,
        "causeline.dead_letter.id": str(samples.LETTER),
        "causeline.operator": "ada",
        "causeline.dead_letter.reason": "customer moved",
    }
)

MOMENTS = [
    (samples.ticked(), "tick nightly", SpanKind.PRODUCER, TICK),
    (samples.run_started(), "start shipment", SpanKind.PRODUCER, START),
    (samples.run_ended(), "invoke_workflow shipment", SpanKind.INTERNAL, INVOKE),
    (samples.event_published(), "publish shipment.delivered", SpanKind.PRODUCER, PUBLISH),
    (samples.dead_lettered(), "dead_letter shipment.delivered", SpanKind.CLIENT, DEAD_LETTER),
    (samples.replayed(), "replay shipment.delivered", SpanKind.PRODUCER, REPLAY),
    (samples.discarded(), "discard shipment.delivered", SpanKind.CLIENT, DISCARD),
]
ATTEMPTS = [
    (samples.step_begun(), samples.step_ended(), "step sorting", SpanKind.INTERNAL, STEP),
    (samples.delivery_begun(), samples.delivery_ended(), "process shipment.delivered", SpanKind.CONSUMER, PROCESS),
]


@pytest.mark.parametrize(("fact", "name", "kind", "attributes"), MOMENTS, ids=lambda value: type(value).__name__)
def test_what_is_told_becomes_the_span_of_its_row(recorder, fact, name, kind, attributes):
    """Name, kind and every attribute, none missing and none extra."""
    recorder.observer.emit(fact)
    span = recorder.only
    assert (span.name, span.kind, dict(span.attributes)) == (name, kind, attributes)


@pytest.mark.parametrize(("begun", "ended", "name", "kind", "attributes"), ATTEMPTS, ids=["step", "process"])
def test_an_attempt_becomes_the_span_of_its_row(recorder, begun, ended, name, kind, attributes):
    """Name, kind and every attribute, with what only its end knows."""
    recorder.observer.open(begun).end(ended)
    span = recorder.only
    assert (span.name, span.kind, dict(span.attributes)) == (name, kind, attributes)
    assert (span.start_time, span.end_time) == (samples.BEGAN, samples.ENDED)
    assert span.status.status_code is StatusCode.UNSET


def test_a_later_attempt_says_which_it_is(recorder: Recorder):
    """Index, attempt, round and breaker of a step and a delivery."""
    step = samples.step_begun(attempt=2, breaker="carrier")
    delivery = samples.delivery_begun(attempt=2, round=1, breaker="carrier")
    recorder.observer.open(step).end(samples.step_ended())
    recorder.observer.open(delivery).end(samples.delivery_ended())
    later = {"causeline.attempt": 2, "causeline.breaker.name": "carrier"}
    assert [dict(span.attributes or {}) for span in recorder.spans] == [
        STEP | later,
        PROCESS | later | {"causeline.round": 1},
    ]


def test_a_run_that_was_resumed_ends_under_its_own_number(recorder: Recorder):
    """And says which version of the app had accepted it."""
    recorder.observer.emit(samples.run_ended(life=2, version="1.4"))
    attributes = dict(recorder.only.attributes or {})
    assert (attributes["causeline.attempt"], attributes["causeline.run.version"]) == (2, "1.4")


def test_a_dead_letter_is_an_error_and_what_puts_it_right_is_none(recorder: Recorder):
    """With the reason as its words."""
    for fact in (samples.dead_lettered(), samples.replayed(), samples.discarded()):
        recorder.observer.emit(fact)
    assert [(span.status.status_code, span.status.description) for span in recorder.spans] == [
        (StatusCode.ERROR, "gave up: max_attempts"),
        (StatusCode.UNSET, None),
        (StatusCode.UNSET, None),
    ]


def test_all_spans_name_the_scope_and_its_version(recorder: Recorder):
    """The version says which vocabulary a reader meets."""
    recorder.observer.emit(samples.run_started())
    assert recorder.only.instrumentation_scope is not None
    assert (recorder.only.instrumentation_scope.name, recorder.only.instrumentation_scope.version) == ("causeline", "1")


def test_a_run_lasts_from_its_start_to_its_end_and_a_moment_takes_no_time(recorder: Recorder):
    """Both times of a run come from the fact, not from this process's clock."""
    recorder.observer.emit(samples.run_ended())
    recorder.observer.emit(samples.run_started())
    run, start = recorder.spans
    assert (run.start_time, run.end_time) == (samples.BEGAN, samples.ENDED)
    assert (start.start_time, start.end_time) == (samples.BEGAN, samples.BEGAN)


def test_a_failed_run_is_an_error_with_its_words(recorder: Recorder):
    """The place of the step that failed it and the type on attributes, the sentence as the status."""
    said = {"failed_step": "sorting", "failed_place": "[3]", "error_type": "ValueError", "error_message": "no hub"}
    recorder.observer.emit(samples.run_ended(outcome=RunOutcome.FAILED, **said))
    more = {"causeline.outcome": "failed", "causeline.step.name": "sorting", "error.type": "ValueError"}
    assert dict(recorder.only.attributes or {}) == INVOKE | more | {"causeline.step.place": "[3]"}
    assert (recorder.only.status.status_code, recorder.only.status.description) == (
        StatusCode.ERROR,
        "ValueError: no hub",
    )


def test_a_cancelled_run_is_no_error(recorder: Recorder):
    """Somebody wanted it so."""
    recorder.observer.emit(samples.run_ended(outcome=RunOutcome.CANCELLED, error_type="Cancelled"))
    assert dict(recorder.only.attributes or {}) == INVOKE | {"causeline.outcome": "cancelled"}
    assert recorder.only.status.status_code is StatusCode.UNSET


def test_an_attempt_that_was_deferred_says_how_often_and_how_long(recorder: Recorder):
    """Of a step and a delivery alike."""
    deferred = Deferral(3, 1_700_000_000_000, 1_700_000_060_000)
    recorder.observer.open(samples.step_begun(breaker="carrier", deferred=deferred)).end(samples.step_ended())
    recorder.observer.open(samples.delivery_begun(breaker="carrier", deferred=deferred)).end(samples.delivery_ended())
    told = {
        "causeline.breaker.name": "carrier",
        "causeline.deferred.count": 3,
        "causeline.deferred.since": "2023-11-14T22:13:20Z",
        "causeline.deferred.until": "2023-11-14T22:14:20Z",
    }
    assert [dict(span.attributes or {}) for span in recorder.spans] == [STEP | told, PROCESS | told]


def test_a_breaker_that_was_open_is_a_span_of_its_own(recorder: Recorder):
    """From its opening to its closing; it is no node, and nobody's failure."""
    span = TraceContext.root(samples.RUN, "breaker carrier", sampled=True)
    told = {"span": span, "breaker": "carrier", "why": "no route", "probes": 2, "operator": "ada"}
    recorder.observer.emit(Outage(**told, at_ns=1_000, ended_ns=9_000))  # type: ignore[arg-type]  # a table of values
    only = recorder.only
    assert (only.name, only.kind, only.start_time, only.end_time) == (
        "breaker carrier",
        SpanKind.INTERNAL,
        1_000,
        9_000,
    )
    assert only.parent is None
    assert only.status.status_code is StatusCode.UNSET
    assert dict(only.attributes or {}) == {
        "causeline.breaker.name": "carrier",
        "causeline.breaker.why": "no route",
        "causeline.breaker.failed_probes": 2,
        "causeline.operator": "ada",
    }


@pytest.mark.parametrize(("verb", "kind"), [(SpanVerb.SEND, SpanKind.PRODUCER), (SpanVerb.RECEIVE, SpanKind.CONSUMER)])
def test_a_message_that_crosses_the_bridge_is_told_by_opentelemetrys_words(
    recorder: Recorder, verb: SpanVerb, kind: SpanKind
):
    """It is no node of ours, and belongs to the correlation of the event that it is."""
    recorder.observer.emit(_transfer(verb))
    only = recorder.only
    assert (only.name, only.kind, only.start_time, only.end_time) == (f"{verb} x:key", kind, 1_000, 9_000)
    assert only.status.status_code is StatusCode.UNSET
    assert dict(only.attributes or {}) == {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": verb.value,
        "messaging.operation.type": verb.value,
        "messaging.destination.name": "x:key",
        "messaging.rabbitmq.destination.routing_key": "key",
        "messaging.message.id": "7",
        "messaging.message.body.size": 2,
        "causeline.correlation.id": str(samples.RUN),
        "server.address": "broker",
        "server.port": 5672,
    }


def test_a_message_that_was_not_taken_is_an_error(recorder: Recorder):
    """By its class and in words."""
    recorder.observer.emit(_transfer(SpanVerb.SEND, error_type="UnroutableError", why="no queue is bound"))
    assert dict(recorder.only.attributes or {})["error.type"] == "UnroutableError"
    assert recorder.only.status.description == "UnroutableError: no queue is bound"


def _transfer(verb: SpanVerb, error_type: str = "", why: str = "") -> Transfer:
    return Transfer(
        verb=verb,
        span=TraceContext.root(samples.RUN, "", sampled=True),
        at_ns=1_000,
        ended_ns=9_000,
        system="rabbitmq",
        destination="x:key",
        routing_key="key",
        message_id="7",
        size=2,
        correlation_id=samples.RUN,
        host="broker",
        port=5672,
        error_type=error_type,
        why=why,
    )


def test_an_attempt_that_failed_is_an_error_with_the_exception_as_an_event(recorder: Recorder):
    """Type, message and traceback, at the time of the end."""
    ended = samples.step_ended(outcome=StepOutcome.RETRY, error=samples.ERROR)
    recorder.observer.open(samples.step_begun(breaker="carrier")).end(ended)
    span = recorder.only
    assert dict(span.attributes or {}) == STEP | {
        "causeline.outcome": "retry",
        "causeline.breaker.name": "carrier",
        "error.type": "GatewayError",
    }
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == "GatewayError: number 555 unreachable"
    (event,) = span.events
    assert (event.name, event.timestamp, dict(event.attributes or {})) == (
        "exception",
        samples.ENDED,
        {
            "exception.type": "GatewayError",
            "exception.message": "number 555 unreachable",
            "exception.stacktrace": "Traceback ... GatewayError",
        },
    )


@pytest.mark.parametrize("outcome", [StepOutcome.STALE, StepOutcome.CANCELLED])
def test_an_attempt_that_nobody_failed_has_no_error_type(recorder: Recorder, outcome: StepOutcome):
    """`error.type` only on failure, even when an exception was seen."""
    recorder.observer.open(samples.step_begun()).end(samples.step_ended(outcome=outcome, error=samples.ERROR))
    assert dict(recorder.only.attributes or {}) == STEP | {"causeline.outcome": outcome.value}
    assert recorder.only.status.status_code is StatusCode.UNSET


def test_keys_asked_for_while_running_join_those_given(recorder: Recorder):
    """Each key once, in the order of reading."""
    ended = samples.step_ended(keys_read=("rates", "pickup"), keys_written=("hub",))
    recorder.observer.open(samples.step_begun()).end(ended)
    assert dict(recorder.only.attributes or {}) == STEP | {
        "causeline.keys.read": ("pickup", "rates"),
        "causeline.keys.written": ("hub",),
    }


def test_keys_are_told_with_their_sizes(recorder: Recorder):
    """In one order; what was given and asked for again counts as it was found last."""
    ended = samples.step_ended(keys_read=("rates", "pickup"), key_sizes=(7, 9), keys_unused=("hub",))
    recorder.observer.open(samples.step_begun(key_sizes=(120,))).end(ended)
    assert dict(recorder.only.attributes or {}) == STEP | {
        "causeline.keys.read": ("pickup", "rates"),
        "causeline.keys.sizes": (9, 7),
        "causeline.keys.unused": ("hub",),
    }


def test_what_became_of_writes_to_a_database_of_its_own_is_told(recorder: Recorder):
    """In one word."""
    ended = samples.step_ended(outcome=DeliveryOutcome.OK, inbox=InboxState.ALREADY_APPLIED)
    recorder.observer.open(samples.delivery_begun()).end(ended)
    assert (recorder.only.attributes or {})["causeline.inbox"] == "already_applied"


def test_what_an_attempt_streamed_is_counted(recorder: Recorder):
    """With how much of it was lost."""
    recorder.observer.open(samples.step_begun()).end(samples.step_ended(chunks=7, chunks_lost=2))
    counts = {"causeline.stream.chunks": 7, "causeline.stream.lost": 2}
    assert dict(recorder.only.attributes or {}) == STEP | counts


def test_whoever_answered_is_a_cause_of_the_attempt_that_goes_on(recorder: Recorder):
    """Once, behind those that it had; a person is told of in the event alone, and nobody where none came in time."""
    by_code = WaitEnded("word", "a", "shop", samples.DELIVERY, samples.BEGAN - 9)
    waits = (
        by_code,
        replace(by_code, key="b"),
        WaitEnded("size", "", "ann", None, 7),
        WaitEnded("late", "", "", None, 8),
    )
    recorder.observer.open(samples.step_begun()).end(samples.step_ended(waits=waits))
    causes = {"causeline.causes": (str(samples.UPSTREAM), str(samples.DELIVERY))}
    assert dict(recorder.only.attributes or {}) == STEP | causes
    told = [(event.timestamp, dict(event.attributes or {})) for event in recorder.only.events]
    said = {"causeline.wait.name": "word", "causeline.wait.key": "a", "causeline.wait.answered_by": "shop"}
    node = {"causeline.wait.answered_by_node": str(samples.DELIVERY)}
    assert told == [
        (samples.BEGAN - 9, said | node),
        (samples.BEGAN - 9, said | node | {"causeline.wait.key": "b"}),
        (7, {"causeline.wait.name": "size", "causeline.wait.answered_by": "ann"}),
        (8, {"causeline.wait.name": "late"}),
    ]
    assert {event.name for event in recorder.only.events} == {"causeline.wait"}


def test_a_step_that_its_run_causes_is_caused_by_it_also_when_it_was_answered(recorder: Recorder):
    """Otherwise it would depend on whether an attempt has waited, or was faster. It does not cause itself."""
    waits = tuple(WaitEnded("word", str(node), "shop", node, 7) for node in (samples.DELIVERY, samples.STEP))
    recorder.observer.open(samples.step_begun(causes=())).end(samples.step_ended(waits=waits))
    assert (recorder.only.attributes or {})["causeline.causes"] == (str(samples.RUN), str(samples.DELIVERY))


def test_a_score_becomes_an_evaluation_event_at_its_own_time(recorder: Recorder):
    """Name, value, label and explanation, as the gen_ai conventions have them."""
    recorder.observer.open(samples.step_begun()).end(samples.step_ended(scores=(samples.SCORE,)))
    (event,) = recorder.only.events
    assert (event.name, event.timestamp, dict(event.attributes or {})) == (
        "gen_ai.evaluation.result",
        samples.SCORE.at_ns,
        {
            "gen_ai.evaluation.name": "correct",
            "gen_ai.evaluation.score.value": 0.25,
            "gen_ai.evaluation.score.label": "fail",
            "gen_ai.evaluation.explanation": "the neighbouring hub",
        },
    )


def test_what_is_empty_is_left_out(recorder: Recorder):
    """No empty text and no empty list, but zeros stay."""
    recorder.observer.open(samples.step_begun(subject="", causes=(), keys_read=(), context_size=0)).end(
        samples.step_ended()
    )
    left_out = {"cloudevents.event_subject", "causeline.causes", "causeline.keys.read"}
    expected = {key: value for key, value in STEP.items() if key not in left_out} | {"causeline.context.size": 0}
    assert dict(recorder.only.attributes or {}) == expected


def test_text_that_utf8_can_not_carry_is_made_to_fit(recorder: Recorder):
    """A lone surrogate in a subject would otherwise cost its whole batch."""
    recorder.observer.emit(samples.run_started(subject="S-\udc80"))
    assert (recorder.only.attributes or {})["cloudevents.event_subject"] == "S-?"


@pytest.mark.parametrize(
    "name", [one.name for one in fields(AttemptEnded) if one.name not in ("outcome", "ended_ns", "result")]
)
def test_an_end_that_says_more_than_its_outcome_is_told_whole(name: str):
    """Whatever else it says; its result is told apart."""
    ended = AttemptEnded(outcome=DeliveryOutcome.OK, ended_ns=1)
    assert not has_details(ended)
    assert has_details(replace(ended, **{name: "something"}))  # type: ignore[arg-type]  # any value that is not empty
