"""Figures that senders write in a way of their own, and sessions that they name so."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from collector.models import Window
from collector.questions import agent_runs, call_figures, runs
from collector.questions.paging import PagePosition
from collector.questions.runs import RunCriteria
from collector.questions.windows import Range
from collector.store.database import Database
from dashboard.parts.usage import brief
from tests.collector.agents.sent import SentTrace, Value

ALL = Window(start=datetime(2020, 1, 1, tzinfo=UTC), end=datetime(2030, 1, 1, tzinfo=UTC))

LANGFUSE: dict[str, Value] = {
    "langfuse.observation.type": "generation",
    "langfuse.observation.model.name": "m",
    "langfuse.observation.usage_details": json.dumps(
        {"input": 100, "output": 20, "total": 120, "cache_read_input_tokens": 7, "output_reasoning_tokens": 3}
    ),
    "langfuse.observation.cost_details": json.dumps({"input": 0.001, "output": 0.002, "total": 0.003}),
}


def work(database: Database, said: dict[str, Value]) -> dict[str, Any]:
    """What one call says of itself."""
    trace = SentTrace()
    trace.add("call", 0, said)
    trace.store(database)
    (row,) = database._connection.execute(
        "SELECT role, session_id, user_id, agent, work, start_ns FROM spans"
    ).fetchall()
    told = dict(zip(("role", "session", "user", "agent", "work", "start_ns"), row, strict=True))
    return {**told, **(told.pop("work") or {})}


def test_langfuse_packs_tokens_and_costs_into_json(database: Database) -> None:
    """Each has an attribute of its own with others."""
    found = work(database, LANGFUSE)

    assert (found["input_tokens"], found["output_tokens"], found["total_tokens"]) == (100, 20, 120)
    assert (found["cache_read_tokens"], found["cache_write_tokens"], found["reasoning_tokens"]) == (7, None, 3)
    assert found["cost"] == 0.003


@pytest.mark.parametrize("broken", ["", "no json", "[1]", '{"input": "many", "total": true}', '{"input": {}}', "null"])
def test_what_is_no_map_of_numbers_says_nothing(database: Database, broken: str) -> None:
    """And the span is stored."""
    given: dict[str, Value] = {
        "langfuse.observation.usage_details": broken,
        "langfuse.observation.cost_details": broken,
        "langfuse.observation.completion_start_time": broken,
        "ai.response.msToFirstChunk": broken,
    }
    found = work(database, {**LANGFUSE, **given})

    assert (found["role"], found["input_tokens"], found["cost"], found["first_chunk_seconds"]) == (
        "model",
        None,
        None,
        None,
    )


def test_costs_without_a_total_are_summed(database: Database) -> None:
    """By kind of tokens."""
    assert work(database, {**LANGFUSE, "langfuse.observation.cost_details": '{"input": 0.5, "output": 0.25}'})[
        "cost"
    ] == pytest.approx(0.75)


def test_when_an_answer_began_tells_how_long_it_took(database: Database) -> None:
    """Counted from the start of the span; an attribute that says the duration wins."""
    trace = SentTrace()
    trace.add("a", 0, {**LANGFUSE, "langfuse.observation.completion_start_time": '"2100-01-01T00:00:00.000Z"'})
    trace.add("b", 0, {**LANGFUSE, "langfuse.observation.completion_start_time": '"1970-01-01T00:00:00.000Z"'})
    trace.add("c", 0, {**LANGFUSE, "gen_ai.response.time_to_first_chunk": 0.5, "ai.response.msToFirstChunk": 100})
    trace.store(database)
    found = database._connection.execute(
        "SELECT work.first_chunk_seconds, 4102444800 - start_ns / 1e9 FROM spans ORDER BY name"
    ).fetchall()

    assert found[0][0] == pytest.approx(found[0][1], abs=1e-3)
    assert [row[0] for row in found[1:]] == [None, 0.5]


@pytest.mark.parametrize("name", ["ai.response.msToFirstChunk", "gen_ai.server.time_to_first_token"])
def test_milliseconds_to_the_first_chunk_are_read(database: Database, name: str) -> None:
    """The SDK of Vercel and Strands count them so."""
    assert work(database, {"gen_ai.operation.name": "chat", name: 250})["first_chunk_seconds"] == 0.25


def test_vercels_names_are_read(database: Database) -> None:
    """Of its versions from 5 on."""
    found = work(
        database,
        {
            "ai.operationId": "ai.streamText.doStream",
            "ai.telemetry.functionId": "weather",
            "ai.telemetry.metadata.sessionId": "s",
            "ai.telemetry.metadata.userId": "u",
            "ai.usage.inputTokens": 3,
            "ai.usage.outputTokens": 2,
            "ai.usage.totalTokens": 5,
        },
    )

    assert [found[name] for name in ("role", "session", "user", "agent")] == ["model", "s", "u", "weather"]
    assert [found[name] for name in ("input_tokens", "output_tokens", "total_tokens")] == [3, 2, 5]


@pytest.mark.parametrize(
    ("kind", "operation", "role"),
    [
        ("prompt", "chat", "step"),
        ("retriever", "embeddings", "retriever"),
        ("embedding", "embeddings", "embedding"),
        ("llm", "chat", "model"),
        ("chain", "invoke_agent", "agent"),
    ],
)
def test_langsmiths_kind_decides_where_its_operation_is_another(
    database: Database, kind: str, operation: str, role: str
) -> None:
    """Its exporter has fewer operations than kinds."""
    found = work(
        database,
        {
            "langsmith.span.kind": kind,
            "gen_ai.operation.name": operation,
            "langsmith.trace.session_id": "project",
            "langsmith.metadata.thread_id": "thread",
        },
    )

    assert (found["role"], found["session"]) == (role, "thread")


def test_a_project_of_langsmith_is_no_session(database: Database) -> None:
    """All its runs would be one conversation."""
    assert work(database, {"langsmith.span.kind": "llm", "langsmith.trace.session_id": "p"})["session"] is None


def test_a_trace_of_langfuse_with_two_agents_is_one_run(database: Database) -> None:
    """Its topmost span is of no kind in particular."""
    trace = SentTrace()
    top = trace.add("support", 0, {"langfuse.observation.type": "span", "langfuse.trace.name": "support"}, took=100)
    for name in ("planner", "writer"):
        agent = trace.add(name, top, {"langfuse.observation.type": "agent", "langfuse.trace.name": "support"})
        trace.add("ask", agent, LANGFUSE)
    trace.store(database)

    assert listed(database) == ["support"]
    with database.reading() as session:
        (run,) = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 5, agent_runs.NO_PRICES).items
        steps = runs.find_run(session, UUID(run.run_id)).steps
    assert [(step.step, step.agent) for step in steps] == [("planner", "planner"), ("writer", "writer")]


def test_a_run_is_called_and_found_by_the_same_name(database: Database) -> None:
    """Vercel's SDK names the function, Langfuse the trace; others name the task."""
    names = {"weather": "ai.telemetry.functionId", "support": "langfuse.trace.name", "tidy": "gen_ai.task.name"}
    for number, (name, attribute) in enumerate(names.items(), 1):
        trace = SentTrace(number)
        trace.add("outer", 0, {"ai.operationId": "ai.streamText", attribute: name})
        trace.store(database)
    with database.reading() as session:
        for name in names:
            found = runs.find_runs(
                session, PagePosition(Range.everything()), RunCriteria(workflow=name), 5, agent_runs.NO_PRICES
            ).items
            assert [run.workflow for run in found] == [name]


@pytest.mark.parametrize("operation", ["create_agent", "create_thread", "create_message", "list_messages"])
def test_what_only_prepares_is_no_run(database: Database, operation: str) -> None:
    """Azure's clients make threads and messages before anything runs."""
    trace = SentTrace()
    trace.add(operation, 0, {"gen_ai.operation.name": operation, "gen_ai.thread.id": "t"})
    trace.store(database)

    assert listed(database) == []


def listed(database: Database) -> list[str | None]:
    """The workflows of all runs."""
    with database.reading() as session:
        found = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 5, agent_runs.NO_PRICES).items
    return [run.workflow for run in found]


def test_a_call_that_tells_its_total_alone_shows_that(database: Database) -> None:
    """It has no price, for what was sent costs less than what came back."""
    trace = SentTrace()
    trace.add("chat", 0, {"gen_ai.operation.name": "chat", "gen_ai.usage.total_tokens": 77})
    trace.store(database)
    with database.reading() as session:
        (run,) = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 5, agent_runs.NO_PRICES).items
        total = call_figures.find_total(session, ALL, agent_runs.NO_PRICES)
    assert run.usage is not None
    assert total is not None
    assert total.undivided_tokens == 77
    assert (run.usage.undivided_tokens, run.usage.unreported, run.usage.input_tokens) == (77, 0, None)
    assert brief(run.usage) == "77 tokens as a total alone"
