"""What no sound program sends: it is shown as far as it can be, and hurts nothing else."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from collector.causality.graph import build_causal_graph
from collector.models import CallsBy, RunDetail, Window
from collector.questions import call_figures, conversations, runs, sessions
from collector.questions.agent_runs import NO_PRICES
from collector.questions.call_figures import CallCriteria, CallOrder
from collector.questions.paging import PagePosition
from collector.questions.runs import RunCriteria
from collector.questions.windows import Range
from collector.store.database import Database
from tests.collector.agents.sent import MS, OPEN_INFERENCE, SentTrace, Value
from tests.collector.agents.talk import Agent, text

HOUR = 3_600_000 * MS
CHAT: dict[str, Value] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "m",
    "gen_ai.usage.input_tokens": 3,
    "gen_ai.usage.output_tokens": 1,
}
AGENT: dict[str, Value] = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "a"}
ALL = Window(start=datetime(2020, 1, 1, tzinfo=UTC), end=datetime(2030, 1, 1, tzinfo=UTC))


def every(database: Database) -> list[RunDetail]:
    """The page of each run of the list."""
    with database.reading() as session:
        listed = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 50).items
        return [runs.find_run(session, UUID(run.run_id)) for run in listed]


def last(trace: SentTrace) -> Any:
    """The span that was added last, to be spoilt."""
    return trace.request.resource_spans[-1].scope_spans[0].spans[0]


def sound(database: Database) -> None:
    """Another program's run, which must not suffer."""
    trace = SentTrace(99, service="sound")
    trace.add("chat m", trace.add("invoke_agent a", 0, AGENT), CHAT)
    trace.store(database)


def test_traces_in_circles_lose_their_order_and_no_call(database: Database) -> None:
    """No walk goes round for ever: lists, pictures and figures answer."""
    trace = SentTrace()
    first = trace.add("invoke_agent a", trace.id(2), AGENT)
    trace.add("invoke_agent b", first, AGENT)
    trace.add("chat m", trace.id(2), CHAT)
    trace.store(database)
    sound(database)
    with database.reading() as session:
        figures = call_figures.find_figures(session, ALL, CallCriteria(CallsBy.APP), CallOrder(), NO_PRICES)
        ((node,),) = session._cursor.execute("SELECT node_id FROM spans WHERE name = 'invoke_agent b'").fetchall()
        assert build_causal_graph(session, node).nodes
        assert runs.find_run(session, node).run.workflow == "a"
        assert sessions.find_sessions(session, PagePosition(Range.everything()), None, None, 5).items == []
    assert sorted((each.name, each.calls) for each in figures.items) == [("sound", 1), ("writer", 1)]
    assert next(detail.run.service for detail in every(database)) == "sound"


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_call_that_is_hours_off_its_run_is_shown_in_it(database: Database, hours: int) -> None:
    """Clocks differ, and senders retry: what lies within what is told by the parents."""
    trace = SentTrace()
    top = trace.add("invoke_agent a", 0, AGENT)
    trace.add("chat m", top, CHAT)
    last(trace).start_time_unix_nano += hours * HOUR
    last(trace).end_time_unix_nano += hours * HOUR
    trace.store(database)
    (detail,) = every(database)
    assert detail.run.usage is not None
    assert (detail.run.usage.calls, [step.step for step in detail.steps]) == (1, ["turn 1"])
    assert detail.run.duration_ms is not None
    assert detail.run.duration_ms >= 0


def test_a_child_that_comes_before_its_parent_is_moved_below_it(database: Database) -> None:
    """Until then it is a run by itself."""
    child, parent = SentTrace(), SentTrace()
    parent.add("invoke_agent a", 0, AGENT)
    child.count = 1
    child.add("chat m", child.id(1), CHAT)
    child.store(database)
    assert [detail.run.workflow for detail in every(database)] == ["chat m"]
    parent.store(database)
    (detail,) = every(database)
    assert (detail.run.workflow, [step.step for step in detail.steps]) == ("a", ["turn 1"])


def test_two_roots_are_two_runs_of_one_trace(database: Database) -> None:
    """Each with its own calls."""
    trace = SentTrace()
    for name in ("a", "b"):
        top = trace.add(f"invoke_agent {name}", 0, {**AGENT, "gen_ai.agent.name": name})
        trace.add("chat m", top, CHAT)
    trace.store(database)
    assert [(detail.run.workflow, detail.run.usage and detail.run.usage.calls) for detail in every(database)] == [
        ("b", 1),
        ("a", 1),
    ]


def test_metadata_that_contradicts_the_spans_loses_no_node(database: Database) -> None:
    """Steps that run backwards, nodes that name each other, another graph's word: each span is a step once."""
    trace = SentTrace()
    top = trace.add("LangGraph", 0, {"openinference.span.kind": "CHAIN"}, scope=OPEN_INFERENCE)
    told = [
        ("plan", {"langgraph_node": "plan", "langgraph_step": 9}),
        ("draft", {"langgraph_node": "plan"}),
        ("look", {"langgraph_node": "look", "langgraph_step": -1}),
        ("end", {"langgraph_node": "end", "langgraph_step": "soon", "langgraph_triggers": 7}),
    ]
    for name, metadata in told:
        said: dict[str, Value] = {"openinference.span.kind": "CHAIN", "metadata": json.dumps(metadata)}
        trace.add(name, top, said, scope=OPEN_INFERENCE)
    trace.store(database)
    (detail,) = every(database)
    names = [step.step for step in detail.steps]
    assert len(names) == len(set(names))
    assert {"plan", "look"} <= set(names)
    with database.reading() as session:
        assert len(build_causal_graph(session, UUID(detail.run.run_id)).nodes) == 1 + len(told)


MESSAGES = {
    "no JSON": "hello {",
    "a number": "7",
    "a character of no text": "a\0b",
    "half of JSON": '[{"role": "user", "parts": [{"type": "te',
    "a character that ends texts elsewhere": json.dumps([text("user", "a\0b")]),
    "an image": json.dumps(
        [{"role": "user", "parts": [{"type": "blob", "mime_type": "image/png", "content": "iVBOR" * 99}]}]
    ),
    "what no convention knows": json.dumps([{"role": 5, "parts": {"deep": [[[]]]}}]),
}


@pytest.mark.parametrize("said", MESSAGES.values(), ids=list(MESSAGES))
def test_messages_of_any_kind_are_told_beside_the_others(database: Database, said: str) -> None:
    """Nothing is raised, and the answer is there."""
    trace = Agent()
    trace.chat(trace.begin(), [], text("assistant", "Yes."))
    for pair in last(trace).attributes:
        if pair.key == "gen_ai.input.messages":
            pair.value.string_value = said
    trace.store(database)
    with database.reading() as session:
        (run,) = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 5).items
        (turn,) = conversations.find_conversation(session, UUID(run.run_id)).turns
    assert [part.text for message in turn.answer for part in message.parts] == ["Yes."]
    assert turn.messages


def test_bytes_where_messages_belong_are_told(database: Database) -> None:
    """As text where they are text, else by what they are."""
    trace = Agent()
    top = trace.begin()
    for value in (json.dumps([text("user", "Hi.")]).encode(), b"\xff\xfe\x00"):
        trace.chat(top, [], text("assistant", "Yes."))
        for pair in last(trace).attributes:
            if pair.key == "gen_ai.input.messages":
                pair.value.bytes_value = value
    trace.store(database)
    with database.reading() as session:
        (run,) = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 5).items
        turns = conversations.find_conversation(session, UUID(run.run_id)).turns
    assert [part.text for turn in turns for message in turn.answer for part in message.parts] == ["Yes.", "Yes."]


def test_a_session_of_ten_thousand_runs_is_listed_and_walked(database: Database) -> None:
    """Its page is one page, its sums are of all."""
    trace = SentTrace()
    top = trace.add("invoke_agent a", 0, {**AGENT, "gen_ai.conversation.id": "long"})
    trace.add("chat m", top, CHAT)
    trace.store(database)
    database._connection.execute(
        "INSERT INTO spans BY NAME SELECT * EXCLUDE (n, trace_id, node_id, other), uuid() AS node_id, "
        "other AS trace_id FROM (SELECT *, md5(n::VARCHAR)::UUID AS other "
        "FROM spans, range(1, 10_000) AS more(n))"
    )
    database.note_import()
    with database.reading() as session:
        (brief,) = sessions.find_sessions(
            session, PagePosition(Range.everything(), session.as_of), None, None, 50
        ).items
        first = sessions.find_session(session, "long", sessions.make_first_position(session, Range.everything()), 20)
    assert brief.usage is not None
    assert (brief.runs, brief.usage.calls, brief.usage.input_tokens) == (10_000, 10_000, 30_000)
    assert (len(first.items), first.next is None) == (20, False)
