"""Traces of any program are listed, and what failed in them is never called well."""

from datetime import UTC, datetime, timedelta

import pytest

from collector.client import CollectorClient
from collector.models import NodeStatus, ServiceFigures
from collector.questions import services
from runtime import semconv
from tests.collector.live import LiveCollector
from tests.collector.shipment import CHANNEL, Shipment
from tests.collector.story import CLIENT, CONSUMER, PRODUCER, Story, Where, foreign, place

ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def request_(collector: LiveCollector) -> Where:
    """The root of a trace of two services, of which one failed; and another trace, whose root never came."""
    shop, bank = Story("shop"), Story("bank")
    root, call = place("t", "root"), place("t", "call")
    shop.add("POST /orders", root, at=5, lasts=90)
    shop.add("charge", call, at=10, lasts=60, kind=CLIENT, parent=root)
    bank.add("POST /charges", place("t", "bank"), at=20, lasts=40, kind=2, parent=call, failed="no funds")
    bank.add("cleanup", place("u", "b"), at=70, lasts=1, parent=place("u", "root"))
    bank.add("sweep", place("u", "a"), at=60, lasts=1, parent=place("u", "root"))
    collector.post(shop.request() + bank.request()).raise_for_status()
    return root


def test_traces_are_listed_with_what_tells_them_apart(client: CollectorClient, request_: Where) -> None:
    """Newest first; where the root never came, its first span names it."""
    orphan, whole = client.traces().items
    assert (whole.name, whole.service, whole.services) == ("POST /orders", "shop", ["bank", "shop"])
    assert (whole.spans, whole.errors, whole.status, whole.has_root) == (3, 1, "error", True)
    assert (whole.start, whole.duration_ms) == (ORIGIN + timedelta(milliseconds=5), 90.0)
    assert (whole.trace_id, whole.node_id) == (f"{request_.trace:032x}", str(foreign(request_)))
    assert (orphan.name, orphan.status, orphan.has_root, orphan.spans) == ("sweep", "ok", False, 2)


def test_traces_are_found_by_service_status_words_and_id(client: CollectorClient, request_: Where) -> None:
    """Any span of them."""

    def names(**wanted: str) -> list[str]:
        return [trace.name for trace in client.traces(**wanted).items]

    assert names(service="shop") == ["POST /orders"]
    assert names(service="bank") == ["sweep", "POST /orders"]
    assert (names(status="error"), names(status="ok")) == (["POST /orders"], ["sweep"])
    assert (names(q="CHARGES"), names(q="cleanup"), names(q="nothing")) == (["POST /orders"], ["sweep"], [])
    id_ = f"{request_.trace:032x}"
    assert names(q=id_) == names(q=id_.upper()) == names(q=id_[4:20]) == ["POST /orders"]
    assert names(service="bank", status="error", q="orders") == ["POST /orders"]


def test_each_span_of_a_trace_names_its_node(collector: LiveCollector, client: CollectorClient) -> None:
    """One of ours the node that it tells of; one of others is a node itself."""
    shipment = Shipment()
    collector.tell(shipment.story)
    trace = client.trace(shipment.story.spans[0].trace_id.hex())
    named = {(span.node_kind, span.node_id) for span in trace.spans}
    assert ("step", str(shipment.steps["pickup"])) in named
    assert ("event", str(shipment.event)) in named
    assert {span.service for span in trace.spans} == {"logistics"}
    for span in trace.spans:
        assert client.node(span.node_id or "").node.id == span.node_id


def test_a_foreign_failure_is_a_problem(client: CollectorClient, request_: Where) -> None:
    """Said with its service, and where to look; the services are listed, those with failures first."""
    overview = client.overview()
    (problem,) = [each for each in overview.problems if each.view == "traces"]
    assert (problem.title, problem.severity) == ("1 of 3 spans of bank failed", "warning")
    assert problem.params == {"service": "bank", "status": "error"}
    assert [(each.service, each.spans, each.foreign_errors) for each in overview.services] == [
        ("bank", 3, 1),
        ("shop", 2, 0),
    ]
    assert overview.services[1].last_seen == ORIGIN + timedelta(milliseconds=10)


@pytest.mark.parametrize(
    ("failed", "spans", "severity"),
    [(1, 1, "warning"), (1, 19, "warning"), (1, 1_000, "info"), (2, 100, "warning"), (10, 100, "error"), (0, 9, None)],
)
def test_how_bad_foreign_failures_are(failed: int, spans: int, severity: str | None) -> None:
    """A failure among many is said all the same."""
    figures = ServiceFigures(
        service="s", spans=spans, errors=failed, foreign_spans=spans, foreign_errors=failed, last_seen=ORIGIN
    )
    assert [problem.severity for problem in services.find_problems([figures])] == ([severity] if severity else [])


def test_runs_of_agents_that_failed_are_told_as_runs() -> None:
    """And lead to these, whose steps say what failed."""
    figures = ServiceFigures(
        service="s", spans=9, errors=3, foreign_spans=9, foreign_errors=3, foreign_failed_runs=2, last_seen=ORIGIN
    )
    (problem,) = services.find_problems([figures])
    assert (problem.title, problem.view) == ("2 runs of agents of s failed", "runs")
    assert problem.params == {"app": "s", "status": "failed"}


def test_steps_that_failed_are_told_by_their_own_rule_alone(collector: LiveCollector, client: CollectorClient) -> None:
    """A shipment has failed attempts, and no foreign span."""
    collector.tell(Shipment().story)
    overview = client.overview()
    assert [each for each in overview.problems if each.view == "traces"] == []
    assert (overview.services[0].errors > 0, overview.services[0].foreign_spans) == (True, 0)


def test_foreign_consumers_are_among_those_who_received_an_event(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """With service, group and how their newest span went; beside the groups of ours."""
    shipment = Shipment()
    about = {semconv.CHANNEL: CHANNEL, semconv.EVENT_ID: str(shipment.event)}
    celery, audit = Story("celery"), Story("auditor")
    celery.add("process", place("f", "1"), at=200, kind=CONSUMER, attributes=about, failed="boom")
    celery.add("process", place("f", "2"), at=300, kind=CONSUMER, attributes=about)
    named = {**about, semconv.GROUP: "books"}
    audit.add("process", place("g", "1"), at=200, kind=CONSUMER, attributes=named, failed="boom")
    audit.add("send on", place("g", "2"), at=210, kind=PRODUCER, attributes={semconv.CHANNEL: "other"})
    collector.post(shipment.story.request() + celery.request() + audit.request()).raise_for_status()

    (event,) = client.events().items
    received = {each.group: (each.service, each.foreign, each.status, each.attempts) for each in event.deliveries}
    assert received["celery"] == ("celery", True, NodeStatus.OK, 2)
    assert received["books"] == ("auditor", True, NodeStatus.FAILED, 1)
    assert received["billing"] == ("logistics", False, NodeStatus.OK, 1)
    assert len(received) == 5
    assert client.event(str(shipment.event)).deliveries == event.deliveries
