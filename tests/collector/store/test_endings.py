"""How spans of others ended, where their status does not tell."""

from uuid import UUID

import pytest

from collector.models import NodeStatus
from collector.questions import runs
from collector.questions.paging import Place
from collector.questions.runs import Filter
from collector.questions.windows import Range
from collector.store.database import Database
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
        (run,) = runs.find(session, Place(Range.everything()), Filter(), 5).items
        (call,) = runs.one(session, UUID(run.run_id)).calls
    return call.status


@pytest.mark.parametrize(
    ("exception", "failed", "expected"),
    [
        ("langgraph.errors.GraphInterrupt", True, NodeStatus.WAITING),
        ("langgraph.errors.GraphInterrupt", False, NodeStatus.WAITING),
        ("langgraph.errors.ParentCommand", True, NodeStatus.OK),
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
            found = runs.find(session, Place(Range.everything()), Filter(status=wanted), 5).items
            assert len(found) == count, wanted
