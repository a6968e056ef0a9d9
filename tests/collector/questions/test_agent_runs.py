"""Runs of agents of others, in the shape of our own."""

import random
from datetime import UTC, datetime
from uuid import UUID

import pytest

from collector.models import CallsBy, NodeStatus, Run, RunDetail, RunPage, Window
from collector.otlp.decode.spans import decode
from collector.questions import (
    agent_runs,
    agent_spans,
    call_figures,
    calls,
    conversations,
    listed_tops,
    runs,
    services,
    top_runs,
)
from collector.questions.call_figures import CallCriteria, CallOrder
from collector.questions.paging import PagePosition
from collector.questions.runs import RunCriteria
from collector.questions.windows import Range
from collector.store.database import Database
from collector.store.queries import Query
from collector.store.records import RecordWriter
from collector.store.sightings import EVERYTHING
from tests.collector.agents.sent import OPEN_INFERENCE, SentTrace, Value, langgraph, pydantic_ai
from tests.collector.story import Story, Where, place

EVERY = RunCriteria()
EVER = Window(start=datetime(2020, 1, 1, tzinfo=UTC), end=datetime(2030, 1, 1, tzinfo=UTC))


def listed(
    database: Database, wanted: RunCriteria = EVERY, limit: int = 50, place: PagePosition | None = None
) -> RunPage:
    """A page of runs of all time."""
    with database.reading() as session:
        return runs.find_runs(session, place or PagePosition(Range.everything()), wanted, limit)


def opened(database: Database, run: Run) -> RunDetail:
    """A run's page."""
    with database.reading() as session:
        return runs.find_run(session, UUID(run.run_id))


def test_a_graph_is_a_run_whose_nodes_are_steps(database: Database) -> None:
    """In the order in which they led to each other; a function that routes is none."""
    langgraph(trace := SentTrace())
    trace.store(database)
    (run,) = listed(database).items
    assert (run.workflow, run.service, run.source, run.status) == ("LangGraph", "writer", OPEN_INFERENCE, NodeStatus.OK)
    assert (run.session, run.steps) == ("t-1", 4)
    assert run.usage is not None
    assert (run.usage.calls, run.usage.input_tokens, run.usage.output_tokens) == (1, 30, 12)
    detail = opened(database, run)
    assert [(step.step, step.depth, step.round) for step in detail.steps] == [
        ("plan", 1, 0),
        ("draft", 2, 0),
        ("review", 3, 0),
        ("review", 4, 1),
    ]
    ids = [step.node_id for step in detail.steps]
    assert [step.inferred for step in detail.steps] == [[], [ids[0]], [ids[1]], [ids[2]]]
    assert [(call.role, call.name, call.model) for call in detail.steps[1].calls] == [
        ("model", "FakeChat", "m-1"),
        ("tool", "count_words", None),
    ]


def test_runs_of_others_are_found_by_whatever_is_shown_of_them(database: Database) -> None:
    """By the name that an agent has in its graph alone, by its service where nobody says whose work it is, by a name
    that looks like an id, and by the id of anything within."""
    trace = SentTrace(service="abcdefghijklmnopqrstuv")
    top = trace.span("Crew.kickoff", openinference__span__kind="CHAIN")
    agent: dict[str, Value] = {"openinference.span.kind": "AGENT", "graph.node.id": "Researcher"}
    trace.add("Researcher._execute_core", top, agent)
    trace.store(database)
    plain = SentTrace(2, service="plain")
    plain.add("Critic.run", 0, agent | {"graph.node.id": "Critic"})
    plain.store(database)
    SentTrace(3, service="web").store(database)
    (crew,) = listed(database, RunCriteria(agent="Researcher")).items
    assert [run.run_id for run in listed(database, RunCriteria(agent=crew.agent)).items] == [crew.run_id]
    for q in (crew.service, crew.run_id, opened(database, crew).steps[0].node_id, f"{trace.id(2):016x}"):
        assert [run.run_id for run in listed(database, RunCriteria(q=q)).items] == [crew.run_id]
    (critic,) = listed(database, RunCriteria(workflow="Critic")).items
    assert (critic.workflow, critic.agent) == ("Critic", "Critic")


def test_an_agent_within_a_tool_is_a_run_of_its_own(database: Database) -> None:
    """Its tokens are in the sum of the run that started it, which tells its own apart; sums of agents don't count."""
    pydantic_ai(trace := SentTrace())
    trace.store(database)
    (run,) = listed(database).items
    assert (run.workflow, run.session) == ("triage", "c-7")
    assert run.usage is not None
    assert (run.usage.calls, run.usage.input_tokens) == (3, 35)
    assert run.own_usage is not None
    assert (run.own_usage.calls, run.own_usage.input_tokens) == (2, 30)
    detail = opened(database, run)
    assert [step.step for step in detail.steps] == ["turn 1", "turn 2"]
    assert [call.name for call in detail.steps[0].calls] == ["chat m-2", "bill"]
    (child,) = detail.children
    assert child.workflow == "billing"
    assert child.usage is not None
    assert child.usage.input_tokens == 5
    assert opened(database, child).parent_run == run.run_id


def test_plain_spans_above_a_run_are_no_part_of_it(database: Database) -> None:
    """They are its cause; where nothing else is there, the trace's root is a run."""
    trace = SentTrace()
    langgraph(trace, parent=trace.span("POST /write", took=200))
    trace.store(database)
    plain = SentTrace(2)
    plain.span("GET /", took=5)
    plain.store(database)
    found = listed(database).items
    assert [(run.workflow, run.source) for run in found] == [("GET /", ""), ("LangGraph", OPEN_INFERENCE)]


def test_a_run_below_plain_spans_of_another_run_is_not_listed(database: Database) -> None:
    """However many lie between."""
    trace = SentTrace()
    top = langgraph(trace)
    plain = trace.span("inner", trace.span("plain", top))
    pydantic_ai(trace, parent=plain)
    trace.store(database)
    assert [run.workflow for run in listed(database).items] == ["LangGraph"]


def test_pages_neither_repeat_nor_skip(database: Database) -> None:
    """Candidates that turn out to be none are left out, and the next page goes on behind them."""
    for number in range(1, 8):
        trace = SentTrace(number)
        top = langgraph(trace)
        if number % 2:
            pydantic_ai(trace, parent=trace.span("plain", top))
        trace.store(database)
    whole = [run.run_id for run in listed(database).items]
    assert len(whole) == 7
    for limit in (1, 2, 3, 7):
        found: list[str] = []
        page = listed(database, limit=limit)
        found += [run.run_id for run in page.items]
        while page.next:
            page = listed(database, limit=limit, place=PagePosition.read(page.next))
            found += [run.run_id for run in page.items]
        assert found == whole, limit


def test_filters_find_by_what_is_shown(database: Database) -> None:
    """Agent, model, session, status, and any text."""
    langgraph(first := SentTrace(1))
    first.store(database)
    second = SentTrace(2, service="support")
    pydantic_ai(second)
    second.span("boom", failed=True)
    second.store(database)
    names = {
        RunCriteria(agent="billing"): ["triage"],
        RunCriteria(model="m-1"): ["LangGraph"],
        RunCriteria(model="m-2-2026"): ["triage"],
        RunCriteria(session="t-1"): ["LangGraph"],
        RunCriteria(app="support"): ["triage"],
        RunCriteria(workflow="triage"): ["triage"],
        RunCriteria(q="count_words"): ["LangGraph"],
        RunCriteria(q="c-7"): ["triage"],
        RunCriteria(source="own"): [],
        RunCriteria(status=NodeStatus.FAILED): [],
        RunCriteria(status=NodeStatus.RUNNING): [],
    }
    for wanted, expected in names.items():
        assert [run.workflow for run in listed(database, wanted).items] == expected, wanted


def test_what_goes_on_is_running(database: Database) -> None:
    """A span without an end."""
    trace = SentTrace()
    trace.span("agent", took=0, gen_ai__operation__name="invoke_agent")
    trace.store(database)
    (run,) = listed(database, RunCriteria(status=NodeStatus.RUNNING)).items
    assert (run.status, run.end, run.duration_ms) == (NodeStatus.RUNNING, None, None)


def test_numbers_that_can_not_be_are_not_told(database: Database) -> None:
    """Tokens below zero, and such that are no number."""
    trace = SentTrace()
    for tokens in (-5, "many", 7):
        trace.span("chat", gen_ai__operation__name="chat", gen_ai__usage__input_tokens=tokens)
    trace.store(database)
    told = [run.usage.input_tokens if run.usage else None for run in listed(database).items]
    assert sorted(told, key=str) == [7, None, None]


def test_to_make_an_agent_is_not_to_run_it(database: Database) -> None:
    """Some tell of it in a trace of its own."""
    trace = SentTrace()
    trace.span("create_agent a", gen_ai__operation__name="create_agent", gen_ai__agent__name="a")
    trace.store(database)
    assert listed(database).items == []


def test_agents_of_a_workflow_go_by_their_own_names(database: Database) -> None:
    """Each has a lane and a name of its own; the workflow's name is what they have in common."""
    trace = SentTrace()
    said = {"traceloop.workflow.name": "joke"}
    top = trace.add("joke.workflow", 0, {**said, "traceloop.span.kind": "workflow", "traceloop.entity.name": "joke"})
    for name in ("planner", "writer"):
        told = {**said, "traceloop.span.kind": "agent", "traceloop.entity.name": name}
        agent = trace.add(f"{name}.agent", top, told)
        trace.add("openai.chat", agent, {**said, "gen_ai.operation.name": "chat", "gen_ai.request.model": "m"})
    trace.store(database)
    (run,) = listed(database).items
    steps = opened(database, run).steps
    assert run.workflow == "joke"
    named = [(step.step, step.agent, step.round) for step in steps]
    assert named == [(each, each, 0) for each in ("planner", "writer")]
    with database.reading() as session:
        found = call_figures.find_figures(session, EVER, CallCriteria(CallsBy.AGENT), CallOrder(), agent_runs.NO_PRICES)
    assert sorted((each.name, each.calls) for each in found.items) == [("planner", 1), ("writer", 1)]


def test_agents_that_are_each_others_parents_are_runs(database: Database) -> None:
    """As is one that is its own; figures by run name what they spent."""
    trace = SentTrace()
    told = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": ""}
    for name, parent in (("a", 2), ("b", 1), ("alone", 3)):
        trace.add(f"invoke_agent {name}", trace.id(parent), {**told, "gen_ai.agent.name": name})
    for agent in (trace.id(2), trace.id(3)):
        trace.add("chat", agent, {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 5})
    trace.store(database)
    found = listed(database).items
    assert [run.workflow for run in found] == ["alone", "b", "a"]
    with database.reading() as session:
        figures = call_figures.find_figures(session, EVER, CallCriteria(CallsBy.RUN), CallOrder(), agent_runs.NO_PRICES)
    assert sorted((each.name, each.calls) for each in figures.items) == sorted((run.run_id, 1) for run in found[:2])


def test_a_service_has_a_part_in_runs_that_another_one_began(database: Database) -> None:
    """Not in others of their trace."""
    trace = SentTrace(service="front")
    said = {"gen_ai.operation.name": "invoke_agent"}
    top = trace.add("invoke_agent front", 0, {**said, "gen_ai.agent.name": "front"})
    trace.add("invoke_agent other", 0, {**said, "gen_ai.agent.name": "other"})
    trace.service = "back"
    trace.add("invoke_agent back", trace.add("POST", top, {}), {**said, "gen_ai.agent.name": "back"})
    trace.store(database)
    assert [run.workflow for run in listed(database, RunCriteria(app="back")).items] == ["front"]
    assert [run.workflow for run in listed(database, RunCriteria(app="front")).items] == ["other", "front"]
    assert listed(database, RunCriteria(app="nobody")).items == []


def test_a_run_that_failed_is_one_of_its_service(database: Database) -> None:
    """However many of its spans failed."""
    trace = SentTrace()
    top = trace.add("a", 0, {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "a"}, failed=True)
    trace.add("chat", top, {"gen_ai.operation.name": "chat"}, failed=True)
    trace.store(database)
    with database.reading() as session:
        (service,) = services.find_service_figures(session, Range.everything(), EVERYTHING)
    assert (service.foreign_errors, service.foreign_failed_runs) == (2, 1)


def test_as_many_runs_are_counted_as_are_listed(database: Database) -> None:
    """What lies below a span of a run that plays no part itself is no run, nor is an agent within a step of ours."""
    trace = SentTrace(service="strands")
    top = trace.span(
        "invoke_agent helper", took=90, gen_ai__operation__name="invoke_agent", gen_ai__agent__name="helper"
    )
    cycle = trace.span("execute_event_loop_cycle", top, took=70)
    trace.span("chat", trace.span("attempt", cycle, took=60), gen_ai__operation__name="chat")
    trace.span("execute_tool calc", cycle, gen_ai__operation__name="execute_tool")
    trace.store(database)
    langgraph(other := SentTrace(2), parent=other.span("POST /write", took=200))
    other.store(database)
    ours = SentTrace(3)
    step: dict[str, Value] = {
        "causeline.node.kind": "step",
        "causeline.node.id": str(UUID(int=7)),
        "causeline.run.id": str(UUID(int=8)),
    }
    ours.span("invoke_agent clerk", ours.add("step s", 0, step), gen_ai__operation__name="invoke_agent")
    ours.store(database)
    with database.reading() as session:
        top_runs.offer_top_runs(session, ever := Range.everything())
        bounds = {"first_ns": ever.first_ns, "end_ns": ever.end_ns, **EVERYTHING.bounds_of("named")}
        assert session.one(Query.OVERVIEW_TOTALS, **bounds)["runs_of_others"] == 2
    assert len(listed(database, RunCriteria(source="others")).items) == 2


def test_a_graph_whose_own_span_has_not_arrived_is_one_run(database: Database) -> None:
    """It goes on; when its span comes, it is the same run. What else has a parent that nobody sent is topmost."""
    langgraph(trace := SentTrace())
    nodes, late = SentTrace(), SentTrace()
    for sent in trace.request.resource_spans:
        is_top = sent.scope_spans[0].spans[0].name == "LangGraph"
        (late if is_top else nodes).request.resource_spans.add().CopyFrom(sent)
    nodes.store(database)
    lonely = SentTrace(2)
    lonely.span("invoke_agent clerk", 77, gen_ai__operation__name="invoke_agent", gen_ai__agent__name="clerk")
    lonely.store(database)
    other, run = listed(database).items
    assert (other.workflow, other.status) == ("clerk", NodeStatus.OK)
    assert (run.workflow, run.status, run.steps) == ("LangGraph", NodeStatus.RUNNING, 4)
    steps = opened(database, run).steps
    assert [step.step for step in steps] == ["plan", "draft", "review", "review"]
    with database.reading() as session:
        assert calls.find_call(session, UUID(steps[1].calls[0].node_id)).run_id == run.run_id
        assert conversations.find_conversation(session, UUID(run.run_id)).turns[0].call.name == "FakeChat"
    late.store(database)
    _, whole = listed(database).items
    assert (whole.run_id, whole.status, whole.steps) == (run.run_id, NodeStatus.OK, 4)


@pytest.mark.parametrize("seed", range(3))
def test_runs_in_a_list_are_the_same_with_the_leaves_of_their_traces_left_out(
    seed: int, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever lies in what: plain spans of web servers, agents and calls, sessions, ends that come late or never."""
    chance, story = random.Random(seed), Story()

    def where(trace: int, number: int) -> Where:
        return place(f"trace {trace}", f"span {number}")

    for trace in range(12):
        for number in range(chance.choice((1, 4, 12))):
            told = chance.choice(({}, {}, {}, {"operation.name": "chat"}, {"operation.name": "invoke_agent"}))
            talk = {"conversation.id": f"s-{trace}"} if chance.random() < 0.1 else {}
            span = story.add(
                f"span {number}",
                where(trace, number),
                at=chance.randrange(100),
                lasts=chance.randrange(200),
                parent=where(trace, chance.randrange(-1, number)) if number else None,
                attributes={f"gen_ai.{name}": value for name, value in (told | talk).items()},
                failed=chance.choice(("", "", "", "no")),
            )
            if chance.random() < 0.1:
                span.end_time_unix_nano = 0
    with database.writing() as transaction:
        RecordWriter(database).write(transaction, decode(story.request()))
    found = listed(database, limit=100).items
    with monkeypatch.context() as patched:
        patched.setattr(listed_tops, "MOST", 0)  # the database finds runs, and what can be left out
        assert found == listed(database, limit=100).items
    monkeypatch.setattr(
        agent_spans, "_read_folded_rows", lambda session, traces, _: agent_spans._read_rows(session, traces)
    )
    assert found == listed(database, limit=100).items
    assert len(found) > 9
