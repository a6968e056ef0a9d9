"""How spans of others ended, where their status does not tell."""

from importlib.resources import files
from pathlib import Path
from uuid import UUID

import pytest

from collector.models import NodeStatus
from collector.questions import node, runs, services, top_runs, traces
from collector.questions.paging import PagePosition
from collector.questions.runs import RunCriteria
from collector.questions.windows import Range
from collector.store.database import Database
from collector.store.queries import Query
from collector.store.sightings import EVERYTHING
from tests.collector.agents.sent import SentTrace, Value


def raised(trace: SentTrace, exception: str, *, failed: bool) -> None:
    """Adds a call of a tool that ended by an exception."""
    trace.span("call", failed=failed, gen_ai__operation__name="execute_tool")
    event = trace.request.resource_spans[-1].scope_spans[0].spans[0].events.add(name="exception")
    event.attributes.add(key="exception.type").value.string_value = exception


def status(database: Database, trace: SentTrace) -> NodeStatus:
    """How the only call of a trace stands."""
    trace.store(database)
    with database.reading() as session:
        (run,) = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 5).items
        (call,) = runs.find_run(session, UUID(run.run_id)).calls
    return call.status


@pytest.mark.parametrize(
    ("exception", "failed", "expected"),
    [
        ("langgraph.errors.GraphInterrupt", True, NodeStatus.WAITING),
        ("langgraph.errors.GraphInterrupt", False, NodeStatus.WAITING),
        ("langgraph.errors.ParentCommand", True, NodeStatus.OK),
        ("langgraph.errors.GraphBubbleUp", True, NodeStatus.OK),
        ("langgraph.errors.GraphDrained", True, NodeStatus.CANCELLED),
        ("shop.GraphInterrupt", True, NodeStatus.FAILED),
        ("pydantic_ai.exceptions.ApprovalRequired", True, NodeStatus.WAITING),
        ("asyncio.exceptions.CancelledError", True, NodeStatus.CANCELLED),
        ("asyncio.exceptions.CancelledError", False, NodeStatus.OK),
        ("ValueError", True, NodeStatus.FAILED),
    ],
)
def test_an_exception_says_how_something_ended(
    exception: str, failed: bool, expected: NodeStatus, database: Database
) -> None:
    """By its full name; one that was overcome says nothing."""
    raised(trace := SentTrace(), exception, failed=failed)
    assert status(database, trace) == expected


@pytest.mark.parametrize(
    ("said", "failed", "expected"),
    [
        ({"pydantic_ai.tool.retry.attempt": 1}, True, NodeStatus.RETRYING),
        ({"celery.state": "RETRY"}, False, NodeStatus.RETRYING),
        ({"celery.state": "SUCCESS"}, False, NodeStatus.OK),
        ({"celery.state": "FAILURE"}, True, NodeStatus.FAILED),
    ],
)
def test_an_attribute_says_that_it_is_tried_again(
    said: dict[str, Value], failed: bool, expected: NodeStatus, database: Database
) -> None:
    """Whatever the status is."""
    trace = SentTrace()
    trace.add("call", 0, {"gen_ai.operation.name": "execute_tool", **said}, failed=failed)
    assert status(database, trace) == expected


def test_a_run_that_waits_for_a_person_is_found_as_such(database: Database) -> None:
    """It did not fail, and it is not done."""
    trace = SentTrace()
    top = trace.span("agent", gen_ai__operation__name="invoke_agent")
    trace.add("call", top, {"gen_ai.operation.name": "execute_tool"}, failed=True)
    event = trace.request.resource_spans[-1].scope_spans[0].spans[0].events.add(name="exception")
    event.attributes.add(key="exception.type").value.string_value = "pydantic_ai.exceptions.CallDeferred"
    trace.store(database)
    with database.reading() as session:
        for wanted, count in ((NodeStatus.WAITING, 1), (NodeStatus.OK, 0), (NodeStatus.FAILED, 0)):
            found = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(status=wanted), 5).items
            assert len(found) == count, wanted


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"error.type": "timeout"}, NodeStatus.FAILED),
        ({"error.type": "500", "http.response.status_code": 500}, NodeStatus.FAILED),
        ({"error.type": ""}, NodeStatus.OK),
        ({"error.type": "asyncio.exceptions.CancelledError"}, NodeStatus.CANCELLED),
        ({"exception.type": "RateLimit"}, NodeStatus.FAILED),
        ({"langfuse.observation.level": "ERROR"}, NodeStatus.FAILED),
        ({"langfuse.observation.level": "WARNING"}, NodeStatus.OK),
        ({"celery.state": "FAILURE"}, NodeStatus.FAILED),
        ({"error": True}, NodeStatus.FAILED),
        ({"error": "true"}, NodeStatus.FAILED),
        ({"error": False}, NodeStatus.OK),
        ({"otel.status_code": "ERROR"}, NodeStatus.FAILED),
        ({"otel.status_code": "OK"}, NodeStatus.OK),
        ({"logfire.level_num": 17}, NodeStatus.FAILED),
        ({"logfire.level_num": 13}, NodeStatus.OK),
    ],
)
def test_an_attribute_says_that_it_failed(said: dict[str, Value], expected: NodeStatus, database: Database) -> None:
    """Where the status is unset."""
    trace = SentTrace()
    trace.add("call", 0, {"gen_ai.operation.name": "execute_tool", **said})
    assert status(database, trace) == expected
    counted(database, failed=expected == NodeStatus.FAILED)


def test_langfuse_tells_of_what_it_failed(database: Database) -> None:
    """In an attribute, where OTLP's status is unset."""
    trace = SentTrace()
    said: dict[str, Value] = {
        "langfuse.observation.type": "tool",
        "langfuse.observation.level": "ERROR",
        "langfuse.observation.status_message": "the printer is jammed",
    }
    trace.add("print", 0, said)
    trace.store(database)
    with database.reading() as session:
        (run,) = runs.find_runs(
            session, PagePosition(Range.everything()), RunCriteria(status=NodeStatus.FAILED), 5
        ).items
        (call,) = runs.find_run(session, UUID(run.run_id)).calls
        detail = node.find_node(session, UUID(call.node_id))
    assert (call.status, call.error) == (NodeStatus.FAILED, "the printer is jammed")
    assert detail.node.error == "the printer is jammed"


def test_who_says_that_all_went_well_is_believed(database: Database) -> None:
    """An attribute may tell of an error that was overcome."""
    trace = SentTrace()
    trace.span("call", gen_ai__operation__name="execute_tool", error__type="timeout")
    trace.request.resource_spans[-1].scope_spans[0].spans[0].status.code = 1  # type: ignore[assignment]  # numbers do
    assert status(database, trace) == NodeStatus.OK


@pytest.mark.parametrize(
    ("exception", "escaped", "before_the_end_ns", "expected"),
    [
        ("ValueError", None, 100, NodeStatus.FAILED),
        ("ValueError", None, 5_000_000, NodeStatus.OK),
        ("ValueError", True, 5_000_000, NodeStatus.FAILED),
        ("ValueError", "true", 5_000_000, NodeStatus.FAILED),
        ("ValueError", False, 0, NodeStatus.OK),
        ("asyncio.exceptions.CancelledError", True, 0, NodeStatus.CANCELLED),
    ],
)
def test_an_exception_that_a_span_was_left_by_is_a_failure(
    exception: str, escaped: bool | str | None, before_the_end_ns: int, expected: NodeStatus, database: Database
) -> None:
    """Though nobody set the status; one that was overcome is none."""
    raised(trace := SentTrace(), exception, failed=False)
    span = trace.request.resource_spans[-1].scope_spans[0].spans[0]
    span.events[0].time_unix_nano = span.end_time_unix_nano - before_the_end_ns
    if isinstance(escaped, bool):
        span.events[0].attributes.add(key="exception.escaped").value.bool_value = escaped
    elif escaped is not None:
        span.events[0].attributes.add(key="exception.escaped").value.string_value = escaped
    assert status(database, trace) == expected


def test_of_several_exceptions_the_last_decides(database: Database) -> None:
    raised(trace := SentTrace(), "ValueError", failed=False)
    span = trace.request.resource_spans[-1].scope_spans[0].spans[0]
    span.events[0].attributes.add(key="exception.escaped").value.bool_value = True
    later = span.events.add(name="exception")
    later.attributes.add(key="exception.type").value.string_value = "KeyError"
    assert status(database, trace) == NodeStatus.OK


def counted(database: Database, *, failed: bool) -> None:
    """Lists and figures say the same of the only span: traces, runs, the services and totals of the Overview."""
    everything = Range.everything()
    with database.reading() as session:
        (service,) = services.find_service_figures(session, everything, EVERYTHING)
        top_runs.offer_top_runs(session, everything)
        totals = session.one(
            Query.OVERVIEW_TOTALS,
            first_ns=0,
            end_ns=everything.end_ns,
            **EVERYTHING.bounds_of("named"),
        )
        (trace,) = traces.find_traces(session, PagePosition(everything), traces.TraceCriteria(), 5).items
        (pace,) = session.rows(Query.ALERTS_PACE, first_ns=0, end_ns=everything.end_ns)
        listed = runs.find_runs(session, PagePosition(everything), RunCriteria(status=NodeStatus.FAILED), 5).items
    assert (service.errors, service.foreign_errors) == (int(failed), int(failed))
    assert (totals["failed_of_others"], trace.errors, pace["bad"], len(listed)) == (int(failed),) * 4


def test_whether_a_span_failed_is_said_in_one_place() -> None:
    """A list that reads the status alone takes what an attribute calls failed for well."""
    folder = files("collector.store")
    found = [
        path.name
        for path in Path(str(folder)).rglob("*.sql")
        if "status_code = 2" in path.read_text(encoding="utf-8") and not path.name[:4].isdigit()
    ]
    assert sorted(found) == ["macros.sql", "standings.sql"]
