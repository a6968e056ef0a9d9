"""Runs that go on where an earlier one waited for a person, and graphs whose nodes came as traces of their own."""

import json
from uuid import UUID

import pytest

from collector.causality.cone import Direction
from collector.models import CausalGraph, NodeStatus
from collector.questions import inferred_graph, runs
from collector.questions.paging import PagePosition
from collector.questions.runs import RunCriteria
from collector.questions.windows import Range
from collector.store.database import Database
from runtime.semconv import Evidence
from tests.collector.agents.sent import OPEN_INFERENCE, SentTrace, Value


def graph_run(trace: SentTrace, thread: str, *nodes: tuple[str, int, str], waits: bool = False) -> None:
    """A graph as OpenInference tells it: nodes by name, superstep and task; the last one may ask a person."""
    said: dict[str, Value] = {"openinference.span.kind": "CHAIN", "session.id": thread}
    top = trace.add("office", trace.span("POST /chat", took=200), said, scope=OPEN_INFERENCE, took=100)
    for name, step, task in nodes:
        told = {"langgraph_node": name, "langgraph_step": step, "thread_id": thread}
        metadata = json.dumps(told | ({"langgraph_checkpoint_ns": task} if task else {}))
        is_asking = waits and name == nodes[-1][0]
        trace.add(name, top, {**said, "metadata": metadata}, scope=OPEN_INFERENCE, failed=is_asking)
    if waits:
        event = trace.request.resource_spans[-1].scope_spans[0].spans[0].events.add(name="exception")
        event.attributes.add(key="exception.type").value.string_value = "langgraph.errors.GraphInterrupt"


def sent(database: Database, *traces: SentTrace) -> None:
    """Stores traces."""
    for trace in traces:
        trace.store(database)


def picture(database: Database, workflow: str, direction: Direction = Direction.WHOLE) -> CausalGraph:
    """The picture of the first run that is called so."""
    with database.reading() as session:
        found = runs.find_runs(session, PagePosition(Range.everything()), RunCriteria(workflow=workflow), 50).items
        return inferred_graph.build_graph(session, UUID(found[-1].run_id), direction)


def led(graph: CausalGraph) -> list[tuple[str, str]]:
    """Which led to which, by our reading, by name."""
    names = {node.id: node.name for node in graph.nodes}
    return sorted((names[edge.cause], names[edge.effect]) for edge in graph.edges if edge.evidence == Evidence.INFERRED)


@pytest.mark.parametrize("tasks", [("ask:1", "ask:1"), ("", "")])
def test_a_run_that_goes_on_is_caused_by_what_waited(tasks: tuple[str, str], database: Database) -> None:
    """One picture, seen from either; by the thread, and the task where both tell it."""
    graph_run(first := SentTrace(1), "t", ("plan", 1, "plan:1"), ("ask", 2, tasks[0]), waits=True)
    graph_run(second := SentTrace(2), "t", ("ask", 2, tasks[1]), ("send", 3, "send:1"))
    graph_run(other := SentTrace(3), "u", ("ask", 2, ""))
    sent(database, first, second, other)
    graph = picture(database, "office")
    assert sorted(led(graph)) == [("ask", "office"), ("ask", "send"), ("plan", "ask")]
    asked = next(node for node in graph.nodes if node.status == NodeStatus.WAITING)
    resumed = [node for node in graph.nodes if node.name == "office"][1]
    assert (asked.id, resumed.id) in {(edge.cause, edge.effect) for edge in graph.edges}
    assert len([node for node in graph.nodes if node.name == "office"]) == 2
    with database.reading() as session:
        behind = inferred_graph.build_graph(session, UUID(resumed.id), Direction.CAUSES)
    assert {"plan", "ask"} & {node.name for node in behind.nodes} == {"ask"}


def test_a_task_that_is_another_was_begun_anew(database: Database) -> None:
    """Who sends a new message to a thread that waits does not answer it."""
    graph_run(first := SentTrace(1), "t", ("ask", 2, "ask:1"), waits=True)
    graph_run(second := SentTrace(2), "t", ("ask", 2, "ask:2"))
    sent(database, first, second)
    assert led(picture(database, "office")) == []


def test_each_answer_is_that_of_the_question_before(database: Database) -> None:
    """Asked twice, answered twice; a later run of the thread answers neither."""
    graph_run(first := SentTrace(1), "t", ("ask", 2, ""), waits=True)
    graph_run(second := SentTrace(2), "t", ("ask", 2, ""), waits=True)
    graph_run(third := SentTrace(3), "t", ("ask", 2, ""))
    graph_run(fourth := SentTrace(4), "t", ("ask", 2, ""))
    sent(database, first, second, third, fourth)
    graph = picture(database, "office")
    assert [node.trace_id for node in graph.nodes if node.name == "office"] == [f"{n:032x}" for n in (1, 2, 3)]
    assert led(graph) == [("ask", "office")] * 2


def node_of_its_own(number: int, name: str, step: int, thread: str = "t") -> SentTrace:
    """A node of a graph that runs asynchronously, as the instrumentation of LangChain sends it: a root."""
    trace = SentTrace(number)
    trace.add(
        f"execute_task {name}",
        0,
        {
            "gen_ai.operation.name": "execute_task",
            "gen_ai.task.name": name,
            "traceloop.association.properties.thread_id": thread,
            "traceloop.association.properties.langgraph_step": step,
            "traceloop.association.properties.langgraph_node": name,
        },
    )
    return trace


def test_nodes_that_came_apart_are_a_chain(database: Database) -> None:
    """By thread and superstep; a second run of the thread does not follow from the first."""
    names = ((1, "plan", 1), (2, "draft", 2), (3, "review", 3), (4, "plan", 1), (5, "draft", 2))
    sent(database, *(node_of_its_own(*each) for each in names), node_of_its_own(6, "review", 3, "u"))
    graph = picture(database, "plan")
    assert led(graph) == [
        ("execute_task draft", "execute_task review"),
        ("execute_task plan", "execute_task draft"),
    ]
    assert {node.trace_id for node in graph.nodes} == {f"{n:032x}" for n in (1, 2, 3)}


@pytest.mark.parametrize(("call", "is_resumed"), [("c-1", True), ("c-2", False)])
def test_a_tool_that_somebody_approves_goes_on_in_the_next_run(
    call: str, database: Database, *, is_resumed: bool
) -> None:
    """As Pydantic AI tells of it: the same call; another call of the same tool is another question."""
    for number, (id_, failed) in enumerate((("c-1", True), (call, False)), 1):
        trace = SentTrace(number)
        top = trace.span("office", gen_ai__operation__name="invoke_agent", gen_ai__conversation__id="t", took=50)
        trace.span(
            "running tool",
            top,
            failed=failed,
            gen_ai__operation__name="execute_tool",
            gen_ai__tool__name="pay",
            gen_ai__tool__call__id=id_,
        )
        if failed:
            event = trace.request.resource_spans[-1].scope_spans[0].spans[0].events.add(name="exception")
            event.attributes.add(key="exception.type").value.string_value = "pydantic_ai.exceptions.ApprovalRequired"
        trace.store(database)
    assert led(picture(database, "office")) == [("running tool", "office")] * is_resumed
