"""What plays a part without naming an operation, and what only looks as if it did."""

from typing import Any
from uuid import UUID

import pytest

from collector.questions import agent_runs, runs
from collector.questions.paging import PagePosition
from collector.questions.runs import RunCriteria
from collector.questions.windows import Range
from collector.store.database import Database
from tests.collector.agents.sent import SentTrace, Value

INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = 1, 2, 3, 4, 5

CALLS: dict[str, tuple[dict[str, Value], int, str]] = {
    "call_llm": ({"gen_ai.request.model": "m"}, INTERNAL, "model"),
    "ask": ({"gen_ai.request.model": "m"}, CLIENT, "model"),
    "answer": ({"gen_ai.response.model": "m"}, 0, "model"),
    "LLM": ({"llm.model_name": "m"}, INTERNAL, "model"),
    "flattened": ({"llm.output_messages.0.message.role": "assistant"}, INTERNAL, "model"),
    "whole": ({"gen_ai.output.messages": "[]", "gen_ai.agent.name": "a"}, CLIENT, "model"),
    "counted": ({"gen_ai.usage.input_tokens": 3}, SERVER, "model"),
    "openai.embeddings": ({"gen_ai.request.model": "m"}, CLIENT, "embedding"),
    "vectors": ({"embedding.model_name": "m"}, INTERNAL, "embedding"),
    "search": ({"gen_ai.tool.name": "search", "gen_ai.request.model": "m"}, INTERNAL, "tool"),
    "agent run": ({"agent_name": "a", "model_name": "m", "gen_ai.usage.input_tokens": 3}, INTERNAL, "agent"),
}

OTHERS: dict[str, tuple[dict[str, Value], int]] = {
    "POST /v1/chat": ({"gen_ai.request.model": "m"}, SERVER),
    "send": ({"gen_ai.request.model": "m"}, PRODUCER),
    "take": ({"gen_ai.request.model": "m"}, CONSUMER),
    "not known": ({"gen_ai.request.model": "unknown"}, CLIENT),
    "an agent's": ({"gen_ai.request.model": "m", "gen_ai.agent.name": "a"}, INTERNAL),
    "a car": ({"model_name": "Beetle"}, INTERNAL),
    "passed down": ({"traceloop.association.properties.ls_model_name": "m"}, INTERNAL),
    "prompted": ({"gen_ai.input.messages": "[]"}, INTERNAL),
    "embedded player": ({"http.route": "/embed"}, INTERNAL),
    "another operation": ({"gen_ai.request.model": "m", "gen_ai.operation.name": "warm_up"}, CLIENT),
}


def stored(database: Database, given: dict[str, tuple[dict[str, Value], int]]) -> dict[str, Any]:
    """The roles of some spans, by their names."""
    trace = SentTrace()
    for name, (said, kind) in given.items():
        trace.add(name, 0, said)
        trace.request.resource_spans[-1].scope_spans[0].spans[0].kind = kind  # type: ignore[assignment] # no enum at runtime
    trace.store(database)
    with database.reading():
        return dict(database._connection.execute("SELECT name, role FROM spans").fetchall())


def test_a_call_is_known_by_what_only_calls_carry(database: Database) -> None:
    """A model, tokens, an answer."""
    expected = {name: role for name, (_, _, role) in CALLS.items()}
    assert stored(database, {name: (said, kind) for name, (said, kind, _) in CALLS.items()}) == expected


def test_what_names_a_model_is_not_always_its_call(database: Database) -> None:
    """Servers, messages, agents, what was passed down, and other things of that name play no part."""
    assert stored(database, OTHERS) == dict.fromkeys(OTHERS)


@pytest.mark.parametrize("below", ["chat", "invoke_agent"])
def test_what_names_a_model_and_holds_its_calls_is_a_step(database: Database, below: str) -> None:
    """Of a call within it that says its operation; the one that is counted is that."""
    trace = SentTrace()
    top = trace.add("assistant", 0, {"gen_ai.request.model": "m"}, took=50)
    inner = trace.add(below, top, {"gen_ai.operation.name": below})
    trace.add("call_llm", inner, {"gen_ai.request.model": "m"})
    trace.store(database)
    with database.reading() as session:
        (run,) = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 5, agent_runs.NO_PRICES).items
        detail = runs.find_run(session, UUID(run.run_id))
    assert run.usage is not None
    assert (run.workflow, run.usage.calls) == ("assistant", 1)
    calls = [*detail.calls, *(call for step in detail.steps for call in step.calls)]
    assert run.run_id not in {call.node_id for call in calls}


def test_a_call_alone_is_a_call(database: Database) -> None:
    """Within a step of a framework that says no more."""
    trace = SentTrace()
    step = trace.add("call", 0, {"gen_ai.operation.name": "execute_task"})
    trace.add("call_llm", trace.add("plain", step, {}), {"gen_ai.request.model": "m"})
    trace.store(database)
    with database.reading() as session:
        (run,) = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 5, agent_runs.NO_PRICES).items
        assert run.usage is not None
        assert (run.usage.calls, run.usage.unreported) == (1, 1)
