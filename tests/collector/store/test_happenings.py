"""What is sent as a log record is what it would be as an event of its span."""

from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from collector.client import CollectorClient
from runtime import semconv
from tests.collector.live import LiveCollector
from tests.collector.story import Story, any_value, place, uid

STEP = place("t", "step")


def log(collector: LiveCollector, attributes: dict[str, Any], *, event_name: str = "", times: int = 1) -> None:
    """Sends a record of the step's span, as often as said."""
    request = ExportLogsServiceRequest()
    record = (
        request.resource_logs.add()
        .scope_logs.add()
        .log_records.add(
            time_unix_nano=1_700_000_000_000_000_000,
            event_name=event_name,
            trace_id=STEP.trace.to_bytes(16),
            span_id=STEP.span.to_bytes(8),
        )
    )
    for key, value in attributes.items():
        record.attributes.add(key=key).value.CopyFrom(any_value(value))
    for _ in range(times):
        collector.post(request.SerializeToString(), signal="logs").raise_for_status()


@pytest.fixture(autouse=True)
def _step(collector: LiveCollector) -> None:
    story = Story()
    named = {semconv.WORKFLOW: "w", semconv.STEP: "s", semconv.OUTCOME: "ok"}
    story.add("step s", STEP, attributes={semconv.NODE_ID: str(uid("step")), semconv.NODE_KIND: "step", **named})
    story.add("chat", place("t", "chat"), parent=STEP)
    collector.tell(story)


@pytest.mark.parametrize("named", ["event_name", "event.name"])
def test_an_evaluation_is_a_score(collector: LiveCollector, client: CollectorClient, named: str) -> None:
    """Named by the field, or by the attribute that came before it; one that is sent again counts once."""
    name = "gen_ai.evaluation.result"
    attributes = {"gen_ai.evaluation.name": "correct", "gen_ai.evaluation.score.value": 0.75}
    if named == "event_name":
        log(collector, attributes, event_name=name, times=2)
    else:
        log(collector, {"event.name": name, **attributes}, times=2)
    (evaluation,) = client.node(str(uid("step"))).evaluations
    assert (evaluation.name, evaluation.score) == ("correct", 0.75)


@pytest.mark.parametrize("values", [(0.25, 1.0), (1.0, 0.25)])
def test_of_two_evaluations_of_one_time_the_same_counts(
    collector: LiveCollector, client: CollectorClient, values: tuple[float, float]
) -> None:
    """Whichever came first."""
    for value in values:
        attributes = {"gen_ai.evaluation.name": "correct", "gen_ai.evaluation.score.value": value}
        log(collector, attributes, event_name="gen_ai.evaluation.result")
    assert [one.score for one in client.node(str(uid("step"))).evaluations] == [0.25, 1.0]
    assert client.steps(last="all").items[0].scores[0].accuracy.value == 1.0


def test_an_exception_is_that_of_its_attempt(collector: LiveCollector, client: CollectorClient) -> None:
    """Whatever the record is called."""
    log(collector, {"exception.type": "ValueError", "exception.message": "no money"})
    (attempt,) = client.node(str(uid("step"))).attempts
    assert (attempt.error_type, attempt.error_message) == ("ValueError", "no money")


def test_a_named_record_stands_among_the_events_of_its_span(collector: LiveCollector, client: CollectorClient) -> None:
    """In the trace."""
    log(collector, {"n": 1}, event_name="cache.missed")
    spans = {span.name: span for span in client.trace(f"{STEP.trace:032x}").spans}
    assert [(event.name, event.attributes) for event in spans["step s"].events] == [("cache.missed", {"n": 1})]
    assert spans["chat"].events == []
