"""Log records are read at their node: in order, bounded, and without what is shown elsewhere."""

import json
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from collector.client import CollectorClient
from collector.questions import logs
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.story import ORIGIN_NS, Story, Where, foreign, place, uid

STEP, BELOW, OTHER = place("t", "step"), place("t", "call"), place("t", "other")


@pytest.fixture
def step(collector: LiveCollector) -> str:
    """A step with a foreign span below it, and a foreign span of nobody."""
    story = Story()
    story.node(NodeKind.STEP, uid("step"), "step s", STEP, more={semconv.STEP: "s"})
    story.add("call", BELOW, parent=STEP)
    story.add("other", OTHER)
    collector.tell(story)
    return str(uid("step"))


def write(collector: LiveCollector, *records: LogRecord) -> None:
    """Log records of one service."""
    request = ExportLogsServiceRequest()
    resource = request.resource_logs.add()
    resource.resource.attributes.add(key="service.name").value.string_value = "shop"
    resource.scope_logs.add().log_records.extend(records)
    collector.post(request.SerializeToString(), signal="logs").raise_for_status()


def record(where: Where, at: int, body: str = "", **more: Any) -> LogRecord:
    """One record of a span, `at` nanoseconds after a whole second; 0 for no time."""
    told = ORIGIN_NS + at if at else 0
    made = LogRecord(trace_id=where.trace.to_bytes(16), span_id=where.span.to_bytes(8), time_unix_nano=told, **more)
    if body:
        made.body.string_value = body
    return made


def test_records_of_a_node_and_of_spans_below_it_are_told_in_order(
    collector: LiveCollector, client: CollectorClient, step: str
) -> None:
    """Time, severity, body and attributes; what others wrote is theirs."""
    asked = record(BELOW, 2_000, "asked", severity_number=13, event_name="asked")
    asked.attributes.add(key="n").value.int_value = 7
    mapped = record(STEP, 3_000, severity_text="notice", severity_number=10)
    mapped.body.kvlist_value.values.add(key="sku").value.string_value = "A-1"
    late = record(STEP, 0, "no time", observed_time_unix_nano=ORIGIN_NS + 4_000)
    write(collector, mapped, late, asked, record(STEP, 1_000, "begun", severity_number=9), record(OTHER, 1, "not ours"))

    told = client.node(step).logs

    assert [(one.body, one.severity, one.service, one.cut) for one in told.items] == [
        ("begun", "INFO", "shop", False),
        ("asked", "WARN", "shop", False),
        ('{"sku": "A-1"}', "notice", "shop", False),
        ("no time", "", "shop", False),
    ]
    assert (told.items[1].attributes, told.items[1].event_name, told.more) == ({"n": 7}, "asked", 0)
    assert [one.time.microsecond for one in told.items] == [1, 2, 3, 4]


def test_evaluations_and_exceptions_are_shown_as_such(
    collector: LiveCollector, client: CollectorClient, step: str
) -> None:
    """And not once more among the logs."""
    score = record(STEP, 1, event_name="gen_ai.evaluation.result")
    raised = record(STEP, 2, "failed")
    raised.attributes.add(key="exception.type").value.string_value = "OSError"
    write(collector, score, raised, record(STEP, 3, "said"))
    detail = client.node(step)
    assert [one.body for one in detail.logs.items] == ["said"]
    assert len(detail.evaluations) == 1


def test_an_exception_of_a_span_of_others_is_told_where_it_was_raised(
    collector: LiveCollector, client: CollectorClient, step: str
) -> None:
    """At its own node and at ours above it: neither has an attempt that was left by it."""
    raised = record(BELOW, 2, "boom", severity_number=17)
    raised.attributes.add(key="exception.type").value.string_value = "OSError"
    write(collector, raised)
    for node in (str(foreign(BELOW)), step):
        (told,) = client.node(node).logs.items
        assert (told.body, told.severity, told.attributes) == ("boom", "ERROR", {"exception.type": "OSError"})


def test_an_answer_is_bounded_and_says_what_is_left_out(
    collector: LiveCollector, client: CollectorClient, step: str
) -> None:
    """The first records are told."""
    write(collector, *(record(STEP, number, f"line {number}") for number in range(1, 251)))
    many = client.node(step).logs
    assert (len(many.items), many.more, many.items[0].body) == (logs.RECORDS, 50, "line 1")


def test_what_is_long_is_cut_with_a_mark(collector: LiveCollector, client: CollectorClient, step: str) -> None:
    """Short attributes stay whole."""
    long = record(STEP, 1, "x" * 50_000)
    for key, text in (("short", "s"), ("long", "y" * 50_000)):
        long.attributes.add(key=key).value.string_value = text
    write(collector, long, *(record(STEP, number, "z" * 50_000) for number in range(2, 100)))
    told = client.node(step).logs
    assert (len(told.items[0].body), told.items[0].body[-1], told.items[0].cut) == (logs.BODY, "…", True)
    assert told.items[0].attributes["short"] == "s"
    assert len(json.dumps(told.items[0].attributes)) < logs.ATTRIBUTES
    assert sum(len(one.body) for one in told.items) <= logs.CHARACTERS
    assert len(told.items) + told.more == 99


@pytest.mark.parametrize(
    ("number", "name"), [(0, ""), (1, "TRACE"), (9, "INFO"), (20, "ERROR"), (24, "FATAL"), (99, "")]
)
def test_a_severity_number_has_a_name(number: int, name: str) -> None:
    """By OpenTelemetry's ranges."""
    assert logs.get_severity_name(number) == name
