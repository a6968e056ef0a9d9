"""What the steps of our own runs call is told at the step."""

from uuid import UUID

from collector.models import Usage
from collector.questions import runs
from collector.questions.paging import Place
from collector.questions.runs import Filter
from collector.questions.windows import Range
from collector.store.database import Database
from collector.store.roles import DETAILS, Role
from tests.collector.agents.sent import PYDANTIC_AI, SentTrace, pydantic_ai

RUN, STEP = UUID(int=1), UUID(int=2)


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
        "chat m-1", plain, scope=PYDANTIC_AI, gen_ai__operation__name="chat", gen_ai__request__model="m-1",
        gen_ai__usage__input_tokens=7, gen_ai__usage__output_tokens=3,
    )  # fmt: skip
    trace.store(database)
    with database.reading() as session:
        detail = runs.one(session, RUN)
        listed = runs.find(session, Place(Range.everything()), Filter(), 50).items
    assert [run.workflow for run in listed] == ["shipping"]  # the call is no run by itself
    assert [(call.role, call.model) for step in detail.steps for call in step.calls] == [("model", "m-1")]
    assert detail.run.usage is not None
    assert (detail.run.usage.input_tokens, detail.run.usage.output_tokens) == (7, 3)


def test_an_agent_of_others_below_a_step_is_a_run_that_it_started(database: Database) -> None:
    """Its calls are its own, their sum is in that of the run, and it is in the list of runs beside ours."""
    trace = SentTrace()
    pydantic_ai(trace, parent=ours(trace))
    trace.store(database)
    with database.reading() as session:
        detail = runs.one(session, RUN)
        listed = runs.find(session, Place(Range.everything()), Filter(), 50).items
    assert {run.workflow for run in listed} == {"shipping", "triage"}
    assert [child.workflow for child in detail.children] == ["triage"]
    assert [step.calls for step in detail.steps] == [[]]
    assert detail.run.usage == detail.children[0].usage
    assert detail.run.own_usage == Usage()


def test_the_store_and_the_code_agree_on_what_is_a_detail(database: Database) -> None:
    """The store has a list of its own."""
    answers = {role: database._connection.execute("SELECT is_detail(?)", [role.value]).fetchone() for role in Role}
    assert {role for role, answer in answers.items() if answer == (True,)} == DETAILS
