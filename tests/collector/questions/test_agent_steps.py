"""Steps of agents of others, beside ours."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from collector.agents import reading
from collector.agents.reading import AgentRun
from collector.agents.tree import Tree
from collector.client import CollectorClient
from collector.models import BusState, NodeStatus, StepFigures, Window
from collector.otlp.decode import spans
from collector.questions import agent_spans, overview, steps
from collector.questions.overview import BusPicture
from collector.questions.steps import StepCriteria
from collector.questions.windows import Range
from collector.store.database import Database
from collector.store.queries import Query
from collector.store.records import RecordWriter
from collector.store.roles import DETAILS, Role
from collector.store.sightings import EVERYTHING
from runtime.semconv import NodeKind
from tests.collector.agents.programs import PROGRAMS
from tests.collector.agents.recording import read
from tests.collector.agents.sent import OPEN_INFERENCE, START, SentTrace, Value, langgraph, pydantic_ai
from tests.collector.live import LiveCollector
from tests.collector.shipment import Shipment

EVERY = StepCriteria()
WHEN = datetime.fromtimestamp(START // 10**9, UTC)
AROUND = Window(start=WHEN - timedelta(hours=1), end=WHEN + timedelta(hours=1))


def told(database: Database, which: StepCriteria = EVERY) -> list[StepFigures]:
    """Figures of the time in which traces are sent here."""
    with database.reading() as session:
        return steps.find_figures(session, Range.of(AROUND), which)


def names(found: list[StepFigures]) -> list[tuple[str, str, str, int]]:
    """What tells them apart, and how often they ran."""
    return [(step.workflow, step.step, step.agent, step.nodes) for step in found]


@pytest.mark.parametrize("name", [program.name for program in PROGRAMS])
def test_the_database_reads_the_steps_of_a_program_as_its_pages_do(name: str, database: Database) -> None:
    """Names, agents, attempts and nodes, one by one; a run whose turns alone are steps is one itself."""
    request, _ = read(name)
    with database.writing() as session:
        RecordWriter(database).write(session, spans.decode(request.SerializeToString()))
    traces = {
        UUID(bytes=span.trace_id) for sent in request.resource_spans for held in sent.scope_spans for span in held.spans
    }
    ever = Range.everything()
    with database.reading() as session:
        table = session.table(Query.STEPS_OTHERS, first_ns=ever.first_ns, end_ns=ever.end_ns, **EVERYTHING.bounds)
        trees, _ = agent_spans.read_trees(session, traces)
    expected = Counter(step for tree in trees.values() for run in every_run(tree) for step in steps_of(tree, run))
    found = [row for row in table.to_pylist() if row["is_last"]]
    assert expected == Counter(
        (row["workflow"], row["step"], row["agent"], row["attempts"], row["node_id"]) for row in found
    )


def every_run(tree: Tree) -> Iterator[AgentRun]:
    """All runs of a trace."""
    waiting = list(reading.find_top_spans(tree))
    while waiting:
        run = reading.read_run(tree, waiting.pop())
        waiting += run.children
        yield run


def steps_of(tree: Tree, run: AgentRun) -> Iterator[tuple[str, str, str, int, str]]:
    """What Steps shows of a run."""
    found = [step for step in run.steps if step.span.role not in DETAILS]
    for step in found:
        yield run.name, step.name, tree.agent(step.span), 1 + len(step.tries), str(step.span.node_id)
    asks = run.span.role is Role.AGENT and any(call.role is Role.MODEL for call in run.calls)
    if asks or (not found and run.span.role is not None and run.span.role not in DETAILS):
        yield run.name, run.name, run.agent, 1, str(run.span.node_id)


def test_steps_of_others_stand_beside_ours(collector: LiveCollector, client: CollectorClient) -> None:
    """In the order of names; each says its app, and what told of it."""
    shipment = Shipment(number=1)
    collector.tell(shipment.story)
    for number, send in ((1, langgraph), (2, pydantic_ai)):
        send(trace := SentTrace(number))
        trace.store(collector.database)
    found = client.steps(last="all").items
    others = [step for step in found if step.source != "causeline"]
    assert {step.source for step in found} == {"causeline", OPEN_INFERENCE, "pydantic-ai"}
    assert names(others) == [
        ("LangGraph", "draft", "writer", 1),
        ("LangGraph", "plan", "writer", 1),
        ("LangGraph", "review", "writer", 2),
        ("billing", "billing", "billing", 1),
        ("triage", "triage", "triage", 1),
    ]
    assert {step.app for step in others} == {"writer"}
    named = [(step.workflow, step.step) for step in found if step.kind == NodeKind.STEP]
    assert named == sorted(named)
    assert list(client.every_step(last="all")) == found
    assert {step.source for step in client.steps(kind="delivery").items} == {"causeline"}
    assert client.steps(source="others").items == others


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (StepCriteria(workflow="LangGraph"), {"plan", "draft", "review"}),
        (StepCriteria(app="writer"), {"plan", "draft", "review", "triage", "billing"}),
        (StepCriteria(app="reader"), set()),
        (StepCriteria(agent="billing"), {"billing"}),
        (StepCriteria(model="m-1"), {"draft"}),
        (StepCriteria(model="m-2-2026"), {"triage", "billing"}),
        (StepCriteria(q="revi"), {"review"}),
        (StepCriteria(status=NodeStatus.OK, workflow="LangGraph"), {"plan", "draft", "review"}),
        (StepCriteria(status=NodeStatus.FAILED), set()),
        (StepCriteria(source="own"), set()),
        (StepCriteria(kind=NodeKind.DELIVERY), set()),
    ],
)
def test_they_can_be_narrowed(wanted: StepCriteria, expected: set[str], database: Database) -> None:
    """By run, app, agent, model, status and text; a model's callers are all that it was called within."""
    for number, send in ((1, langgraph), (2, pydantic_ai)):
        send(trace := SentTrace(number))
        trace.store(database)
    assert {step.step for step in told(database, wanted)} == expected


def shaky(trace: SentTrace) -> None:
    """A graph whose node fails twice, then does; another node fails for good, and one has not ended."""

    def node(name: str, task: str, *, failed: bool = False, took: int = 10) -> None:
        metadata = json.dumps({"langgraph_node": name, "langgraph_step": 1, "langgraph_checkpoint_ns": task})
        said: dict[str, Value] = {"openinference.span.kind": "CHAIN", "metadata": metadata}
        trace.add(name, top, said, scope=OPEN_INFERENCE, failed=failed, took=took)

    top = trace.span("office", scope=OPEN_INFERENCE, took=100, openinference__span__kind="CHAIN")
    node("fetch", "fetch:1", failed=True)
    node("fetch", "fetch:1", failed=True)
    node("fetch", "fetch:1")
    node("print", "print:2", failed=True)
    node("send", "send:3", took=0)


def test_attempts_at_a_node_are_one_step_that_was_tried_again(database: Database) -> None:
    """What failed before the last attempt is no failure of the step; what has no end is running."""
    shaky(trace := SentTrace())
    trace.store(database)
    found = {step.step: step for step in told(database)}
    assert (found["fetch"].nodes, found["fetch"].attempts) == (1, 3)
    assert (found["fetch"].retry_rate, found["fetch"].error_rate) == (1.0, 0.0)
    assert (found["print"].nodes, found["print"].error_rate, found["print"].retry_rate) == (1, 1.0, 0.0)
    assert (found["send"].running, found["fetch"].running) == (1, 0)
    assert [step.step for step in told(database, StepCriteria(status=NodeStatus.RUNNING))] == ["send"]
    assert [step.step for step in told(database, StepCriteria(status=NodeStatus.FAILED))] == ["print"]


def test_the_worst_of_them_are_on_the_overview(database: Database) -> None:
    """As ours are."""
    shaky(trace := SentTrace())
    trace.store(database)
    with database.reading() as session:
        found = overview.build_overview(session, AROUND, BusPicture(BusState(connected=False)), AROUND.end)
    assert [(step.step, step.source) for step in found.worst_steps] == [
        ("print", OPEN_INFERENCE),
        ("fetch", OPEN_INFERENCE),
    ]


def test_one_of_them_has_its_page(collector: LiveCollector, client: CollectorClient) -> None:
    """How its attempts are spread over time, and which were worst; without a time range, of when it last ran."""
    for number in (1, 2):
        shaky(trace := SentTrace(number))
        trace.store(collector.database)
    page = client.step("office", "fetch")
    assert page.window.fallback
    assert (page.figures.nodes, page.figures.attempts, page.figures.source) == (2, 6, OPEN_INFERENCE)
    assert sum(point.attempts for point in page.trend) == 6
    assert sum(point.errors for point in page.trend) == 4
    assert sum(each.count for each in page.histogram) == 6
    assert [(node.attempts, node.status) for node in page.worst] == [(3, NodeStatus.OK)] * 2
    assert [node.start for node in page.worst] == sorted((node.start for node in page.worst), reverse=True)


def test_a_score_of_a_node_of_others_counts(database: Database) -> None:
    """An evaluation that its instrumentation sends beside it is accuracy, as of ours."""
    langgraph(trace := SentTrace())
    (plan,) = [
        span for sent in trace.request.resource_spans for span in sent.scope_spans[0].spans if span.name == "plan"
    ]
    event = plan.events.add(name="gen_ai.evaluation.result", time_unix_nano=plan.end_time_unix_nano)
    event.attributes.add(key="gen_ai.evaluation.name").value.string_value = "useful"
    event.attributes.add(key="gen_ai.evaluation.score.value").value.double_value = 0.0
    trace.store(database)
    found = {step.step: step for step in told(database)}
    assert [(score.name, score.accuracy.n, score.accuracy.value) for score in found["plan"].scores] == [
        ("useful", 1, 0.0)
    ]
    with database.reading() as session:
        page = steps.find_step(session, AROUND, StepCriteria(NodeKind.STEP, "LangGraph", "plan"))
        worst = overview.build_overview(session, AROUND, BusPicture(BusState(connected=False)), AROUND.end).worst_steps
    assert [(node.score_name, node.score) for node in page.worst] == [("useful", 0.0)]
    assert [step.step for step in worst] == ["plan"]


def test_nodes_of_a_graph_whose_own_span_has_not_arrived_are_its_steps(database: Database) -> None:
    """As their run's page has them."""
    langgraph(trace := SentTrace())
    del trace.request.resource_spans[0]
    trace.store(database)
    assert names(told(database)) == [
        ("LangGraph", "draft", "writer", 1),
        ("LangGraph", "plan", "writer", 1),
        ("LangGraph", "review", "writer", 2),
    ]


def test_an_agent_that_our_own_tracer_tells_of_is_none_of_our_runtimes_steps(database: Database) -> None:
    """A program may tell of it within a step of ours."""
    trace = SentTrace()
    trace.span("clerk", scope="causeline", gen_ai__operation__name="invoke_agent", gen_ai__agent__name="clerk")
    trace.store(database)
    assert [(step.step, step.source) for step in told(database)] == [("clerk", "")]
    with database.reading() as session:
        assert steps.find_step(session, AROUND, StepCriteria(NodeKind.STEP, "clerk", "clerk")).figures.nodes == 1


def test_spans_that_are_each_others_parents_are_no_steps(database: Database) -> None:
    """Nor do they keep others from being shown."""
    trace = SentTrace()
    for mine, other in ((1, 2), (2, 1)):
        assert trace.span("agent", trace.id(other), gen_ai__operation__name="invoke_agent") == trace.id(mine)
    trace.span("alone", gen_ai__operation__name="invoke_agent")
    trace.store(database)
    assert [step.step for step in told(database)] == ["alone"]
