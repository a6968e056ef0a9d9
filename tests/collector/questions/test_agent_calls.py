"""What the steps of our own runs call is told at the step."""

from datetime import UTC, datetime
from uuid import UUID

from collector.models import CallFiguresList, CallsBy, NodeStatus, RunDetail, Usage, Window
from collector.questions import call_figures, conversations, runs, services, sessions, top_runs
from collector.questions.agent_runs import NO_PRICES
from collector.questions.call_figures import CallCriteria, CallOrder
from collector.questions.paging import PagePosition
from collector.questions.runs import RunCriteria
from collector.questions.windows import Range
from collector.store.database import Database
from collector.store.queries import Query
from collector.store.roles import DETAILS, Role
from collector.store.sightings import EVERYTHING
from tests.collector.agents.sent import PYDANTIC_AI, SentTrace, Value, pydantic_ai

RUN, STEP = UUID(int=1), UUID(int=2)
EVER = Window(start=datetime(2020, 1, 1, tzinfo=UTC), end=datetime(2030, 1, 1, tzinfo=UTC))


def ours(trace: SentTrace) -> int:
    """One of our runs with one step; returns that step's span."""
    said = {"causeline.run.id": str(RUN), "gen_ai.workflow.name": "shipping"}
    top = trace.add(
        "run", 0, {**said, "causeline.node.id": str(RUN), "causeline.node.kind": "run", "causeline.outcome": "ok"}
    )
    step = {"causeline.node.id": str(STEP), "causeline.node.kind": "step", "causeline.step.name": "quote"}
    return trace.add("quote", top, {**said, **step, "causeline.causation.id": str(RUN), "causeline.outcome": "ok"})


def test_calls_below_a_step_are_its_calls(database: Database) -> None:
    """With their tokens in the run's sum; however many plain spans lie between."""
    trace = SentTrace()
    plain = trace.span("POST /v1/chat", ours(trace))
    trace.span(
        "chat m-1",
        plain,
        scope=PYDANTIC_AI,
        gen_ai__operation__name="chat",
        gen_ai__request__model="m-1",
        gen_ai__usage__input_tokens=7,
        gen_ai__usage__output_tokens=3,
    )
    trace.store(database)
    with database.reading() as session:
        detail = runs.find_run(session, RUN)
        listed = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 50).items
    assert [run.workflow for run in listed] == ["shipping"]  # the call is no run by itself
    assert [(call.role, call.model) for step in detail.steps for call in step.calls] == [("model", "m-1")]
    assert detail.run.usage is not None
    assert (detail.run.usage.input_tokens, detail.run.usage.output_tokens) == (7, 3)


def test_an_agent_of_others_below_a_step_is_a_run_that_it_started(database: Database) -> None:
    """Its calls are its own, their sum is in that of the run, and it is told there: in the list of runs is ours."""
    trace = SentTrace()
    pydantic_ai(trace, parent=ours(trace))
    trace.store(database)
    with database.reading() as session:
        detail = runs.find_run(session, RUN)
        lists = [
            runs.find_runs(session, PagePosition(Range.everything()), wanted, 50).items
            for wanted in (
                RunCriteria(),
                RunCriteria(session="c-7"),
                RunCriteria(agent="billing"),
                RunCriteria(model="m-2"),
            )
        ]
        child = runs.find_run(session, UUID(detail.children[0].run_id))
        talk = sessions.find_session(session, "c-7", sessions.make_first_position(session, Range.everything()), 50)
    assert [[run.workflow for run in listed] for listed in lists] == [["shipping"]] * 4
    assert child.parent_run == str(RUN)
    assert [each.run.workflow for each in talk.items] == ["shipping"]
    assert [child.workflow for child in detail.children] == ["triage"]
    assert [step.calls for step in detail.steps] == [[]]
    assert detail.run.usage == detail.children[0].usage
    assert detail.run.own_usage == Usage()


#: What a recorded call of ours says.
CALL: dict[str, Value] = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "read"}


def listed(database: Database) -> list[str]:
    """The workflows of all runs, and how many began that the Overview counts."""
    with database.reading() as session:
        found = runs.find_runs(session, PagePosition(ever := Range.everything()), RunCriteria(), 50).items
        top_runs.offer_top_runs(session, ever)
        bounds = {"first_ns": ever.first_ns, "end_ns": ever.end_ns, **EVERYTHING.bounds_of("named")}
        counted = session.one(Query.OVERVIEW_TOTALS, **bounds)["runs_of_others"]
    assert counted == sum(run.workflow != "shipping" for run in found)
    return [run.workflow for run in found]


def test_what_lies_in_a_step_that_has_not_come_is_no_run(database: Database) -> None:
    """Neither a recorded call of ours, nor what an instrumentation tells of beside it or below it."""
    trace = SentTrace()
    ours(trace)
    call = trace.add("call read", 999, CALL, scope="causeline")
    for parent in (call, 999):
        trace.span("chat m-1", parent, scope=PYDANTIC_AI, gen_ai__operation__name="chat", gen_ai__request__model="m-1")
    trace.store(database)
    assert listed(database) == ["shipping"]


def test_what_lies_in_a_step_that_is_said_to_go_on_is_no_run(database: Database) -> None:
    """Though it has recorded no call; in a trace of others it is one."""
    for number, is_pending in ((1, True), (2, False)):
        trace = SentTrace(number)
        trace.span("chat m-1", 999, scope=PYDANTIC_AI, gen_ai__operation__name="chat", gen_ai__request__model="m-1")
        if is_pending:
            step = {"causeline.node.id": str(STEP), "causeline.node.kind": "step", "causeline.step.name": "quote"}
            trace.add("pending step quote", 999, {**step, "causeline.pending": True}, scope="causeline")
        trace.store(database)
    assert len(listed(database)) == 1


def told(database: Database) -> tuple[RunDetail, CallFiguresList, CallFiguresList]:
    """Our run, and what was called by tool and by agent."""
    with database.reading() as session:
        detail = runs.find_run(session, RUN)
        by_tool, by_agent = (
            call_figures.find_figures(session, EVER, CallCriteria(by), CallOrder(), NO_PRICES)
            for by in (CallsBy.TOOL, CallsBy.AGENT)
        )
    return detail, by_tool, by_agent


def test_what_was_not_called_is_told_and_not_counted(database: Database) -> None:
    """What an earlier attempt has recorded, and what waits for a budget: neither is an error."""
    trace = SentTrace()
    step = ours(trace)
    needs = "needs 300 tokens, 274 left"
    trace.add("call read", step, {**CALL, "causeline.call.tries": 1}, scope="causeline")
    trace.add(
        "call read", step, {**CALL, "causeline.outcome": "recorded", "causeline.call.tries": 0}, scope="causeline"
    )
    trace.add(
        "call read", step, {**CALL, "causeline.outcome": "parked", "causeline.call.parked": needs}, scope="causeline"
    )
    trace.store(database)
    detail, by_tool, _ = told(database)
    assert [(call.status, call.recorded, call.parked) for call in detail.steps[0].calls] == [
        (NodeStatus.OK, False, None),
        (NodeStatus.OK, True, None),
        (NodeStatus.WAITING, False, needs),
    ]
    assert [(one.name, one.calls, one.errors) for one in by_tool.items] == [("read", 1, 0)]
    with database.reading() as session:
        (service,) = services.find_service_figures(session, Range.everything(), EVERYTHING)
    assert (service.foreign_spans, service.foreign_errors) == (0, 0)


def test_what_a_call_failed_of_is_said_once(database: Database) -> None:
    """Its status names the type already."""
    trace = SentTrace()
    step = ours(trace)
    trace.add("call read", step, {**CALL, "error.type": "ConnectionError"}, scope="causeline", failed=True)
    trace.request.resource_spans[-1].scope_spans[0].spans[0].status.message = "ConnectionError: 429"
    trace.store(database)
    detail, _, _ = told(database)
    assert [call.error for call in detail.steps[0].calls] == ["ConnectionError: 429"]


def test_what_an_author_says_that_a_call_costs_is_summed(database: Database) -> None:
    """Whether tokens are told apart or not; but not twice where an instrumentation tells of the same below it."""
    trace = SentTrace()
    step = ours(trace)
    apart: dict[str, Value] = {"gen_ai.usage.input_tokens": 7, "gen_ai.usage.output_tokens": 3}
    trace.add("call read", step, {**CALL, **apart}, scope="causeline")
    trace.add("call read", step, {**CALL, "gen_ai.usage.total_tokens": 40, "gen_ai.usage.cost": 0.5}, scope="causeline")
    above = trace.add("call read", step, {**CALL, **apart, "gen_ai.usage.cost": 9.0}, scope="causeline")
    trace.span(
        "chat m-1",
        above,
        scope=PYDANTIC_AI,
        gen_ai__operation__name="chat",
        gen_ai__request__model="m-1",
        gen_ai__usage__input_tokens=7,
        gen_ai__usage__output_tokens=3,
    )
    trace.store(database)
    detail, by_tool, by_agent = told(database)
    used = detail.run.usage
    assert used is not None
    assert (used.input_tokens, used.output_tokens, used.undivided_tokens, used.cost_usd) == (14, 6, 40, 0.5)
    assert [one.calls for one in by_tool.items] == [3]
    total = by_agent.total.usage
    assert (total.input_tokens, total.output_tokens, total.undivided_tokens, total.cost_usd) == (14, 6, 40, 0.5)
    with database.reading() as session:
        (run,) = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 50).items
    assert run.usage is not None
    assert (run.usage.input_tokens, run.usage.undivided_tokens, run.usage.cost_usd) == (14, 40, 0.5)


def test_the_store_and_the_code_agree_on_what_is_a_detail(database: Database) -> None:
    """The store has a list of its own."""
    answers = {role: database._connection.execute("SELECT is_detail(?)", [role.value]).fetchone() for role in Role}
    assert {role for role, answer in answers.items() if answer == (True,)} == DETAILS


def test_calls_of_handlers_are_theirs_and_not_the_step_s_whose_event_they_took(database: Database) -> None:
    """They are in the run's sum, told outside of its steps, and turns of its conversation; those of a run that a step
    starts are that run's."""
    trace = SentTrace()
    step = ours(trace)
    event = {"causeline.node.id": str(UUID(int=3)), "causeline.node.kind": "event", "causeline.causation.id": str(STEP)}
    sent = trace.add("publish", step, {**event, "causeline.run.id": str(RUN)})
    handler = {"causeline.node.kind": "delivery", "causeline.group.name": "mail", "gen_ai.agent.name": "mail"}
    took = trace.add("process", sent, {**handler, "causeline.node.id": str(UUID(int=4))})
    other = {"causeline.node.kind": "run", "causeline.node.id": str(UUID(int=5)), "causeline.run.id": str(UUID(int=5))}
    started = trace.add("run", step, {**other, "gen_ai.workflow.name": "another"})
    for parent, model in ((step, "m-1"), (took, "m-2"), (started, "m-3")):
        trace.span(
            "chat",
            parent,
            scope=PYDANTIC_AI,
            gen_ai__operation__name="chat",
            gen_ai__request__model=model,
            gen_ai__usage__input_tokens=7,
        )
    trace.store(database)
    with database.reading() as session:
        detail = runs.find_run(session, RUN)
        listed = {
            run.run_id: run
            for run in runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(), 50).items
        }
        talk = conversations.find_conversation(session, RUN)
    assert [call.model for step in detail.steps for call in step.calls] == ["m-1"]
    assert [call.model for call in detail.calls] == ["m-2"]
    assert detail.run.usage is not None
    assert detail.run.usage.input_tokens == 14
    assert listed[str(RUN)].usage == detail.run.usage
    assert [(turn.call.model, turn.agent) for turn in talk.turns] == [("m-1", None), ("m-2", "mail")]
