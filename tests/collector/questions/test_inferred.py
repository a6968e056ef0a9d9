"""The causal graph with the order that a framework tells of."""

from uuid import UUID

from collector.causality.cone import Direction
from collector.models import CausalGraph
from collector.questions import inferred
from collector.store.database import Database
from runtime.semconv import Coordination, Evidence
from tests.collector.agents.sent import SentTrace, langgraph, pydantic_ai
from tests.collector.questions.test_agent_runs import listed


def drawn(database: Database) -> tuple[CausalGraph, list[tuple[str, str, str]]]:
    """The picture of the only run, and its edges by name."""
    (run,) = listed(database).items
    with database.reading() as session:
        graph = inferred.graph(session, UUID(run.run_id), Direction.WHOLE)
    names = {node.id: node.name for node in graph.nodes}
    return graph, sorted((names[edge.cause], names[edge.effect], edge.evidence.value) for edge in graph.edges)


def test_nodes_of_a_graph_are_a_chain_and_not_siblings(database: Database) -> None:
    """The first hangs below its run, as its sender says; the rest is our reading, and says so."""
    langgraph(trace := SentTrace())
    trace.store(database)
    graph, edges = drawn(database)
    between = [edge for edge in edges if edge[2] == Evidence.INFERRED]
    assert between == [("draft", "review", "inferred"), ("plan", "draft", "inferred"), ("review", "review", "inferred")]
    assert ("LangGraph", "plan", "parent") in edges
    assert not [edge for edge in edges if edge[:2] == ("LangGraph", "draft")]
    assert {edge.coordination for edge in graph.edges} == {Coordination.COMMANDED}


def test_calls_are_commanded_by_their_callers(database: Database) -> None:
    """And a turn leads to the next; the agent within a tool hangs below that."""
    pydantic_ai(trace := SentTrace())
    trace.store(database)
    graph, edges = drawn(database)
    assert ("chat m-2", "chat m-2", "inferred") in edges
    assert ("running tool", "invoke_agent billing", "parent") in edges
    assert {edge.coordination for edge in graph.edges} == {Coordination.COMMANDED}
    assert {(node.name, node.role, node.agent) for node in graph.nodes if node.role != "agent"} == {
        ("chat m-2", "model", "triage"), ("running tool", "tool", "triage"), ("chat m-2", "model", "billing"),
    }  # fmt: skip


def test_order_that_runs_against_the_clock_is_not_drawn(database: Database) -> None:
    """Metadata may contradict the spans."""
    trace = SentTrace()
    top = trace.span("LangGraph", openinference__span__kind="CHAIN")
    for name, step in (("late", 2), ("early", 1)):
        metadata = f'{{"langgraph_node": "{name}", "langgraph_step": {step}}}'
        trace.span(name, top, openinference__span__kind="CHAIN", metadata=metadata)
    trace.store(database)
    assert [edge[2] for edge in drawn(database)[1]] == ["parent", "parent"]
