"""The causal graph with the order that a framework tells of."""

import json
import random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from collector.agents import reading
from collector.agents.tree import Span, Tree
from collector.causality.cone import Direction
from collector.models import CausalGraph, Edge, Node, NodeStatus
from collector.questions import inferred_graph
from collector.store.database import Database
from collector.store.roles import Role
from collector.times import moment
from runtime.semconv import Coordination, Evidence, NodeKind
from tests.collector.agents.sent import MS, START, SentTrace, Value, langgraph, pydantic_ai
from tests.collector.questions.test_agent_runs import listed


def drawn(database: Database) -> tuple[CausalGraph, list[tuple[str, str, str]]]:
    """The picture of the only run, and its edges by name."""
    (run,) = listed(database).items
    with database.reading() as session:
        graph = inferred_graph.build_graph(session, UUID(run.run_id), Direction.WHOLE)
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
        ("chat m-2", "model", "triage"),
        ("running tool", "tool", "triage"),
        ("chat m-2", "model", "billing"),
    }


def test_order_that_runs_against_the_clock_is_not_drawn(database: Database) -> None:
    """Metadata may contradict the spans."""
    trace = SentTrace()
    top = trace.span("LangGraph", openinference__span__kind="CHAIN")
    for name, step in (("late", 2), ("early", 1)):
        metadata = f'{{"langgraph_node": "{name}", "langgraph_step": {step}}}'
        trace.span(name, top, openinference__span__kind="CHAIN", metadata=metadata)
    trace.store(database)
    assert [edge[2] for edge in drawn(database)[1]] == ["parent", "parent"]


def tangled(seed: int) -> Tree:
    """A trace that no sound program sends: agents within each other that hand over in circles, nodes of a graph whose
    supersteps contradict their parents, parents in circles, and a clock of whole milliseconds that hardly moves."""
    chance, spans = random.Random(seed), list[Span]()
    for number in range(1, chance.randint(4, 10)):
        hints: dict[str, object] = {}
        if chance.random() < 0.7:
            hints |= {"graph.node.id": chance.choice("ABC"), "graph.node.parent_id": chance.choice("ABC")}
        if chance.random() < 0.3:
            hints["metadata"] = json.dumps({"langgraph_node": "n", "langgraph_step": chance.randint(1, 3)})
        parent = chance.randint(1, 10) if chance.random() < 0.2 else chance.choice([1, number - 1])
        role = chance.choice([Role.AGENT, Role.AGENT, Role.STEP])
        at = chance.randint(0, 2) * MS
        spans.append(
            Span(number, parent or None, UUID(int=number), "n", START + at, "", START + 9 * MS, role=role, hints=hints)
        )
    return Tree(sorted(spans, key=lambda span: (span.start_ns, span.id)))


def claimed(tree: Tree) -> CausalGraph:
    """The picture of a trace as its parents tell it."""
    nodes = [
        Node(
            id=str(span.node_id),
            kind=NodeKind.SPAN,
            name=span.name,
            agent="",
            status=NodeStatus.OK,
            start=moment(span.start_ns),
        )
        for span in tree.spans
    ]
    edges = [
        Edge(
            cause=str(above.node_id),
            effect=str(span.node_id),
            evidence=Evidence.PARENT,
            coordination=Coordination.COMMANDED,
        )
        for span in tree.spans
        if (above := tree.parent(span)) is not None
    ]
    return CausalGraph(focus=nodes[0].id, nodes=nodes, edges=edges, holes=[], truncated=False, left_out=0)


def circles(edges: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """What is left of edges when those that lead nowhere are taken away again and again."""
    left = {(cause, effect) for cause, effect in edges if any(effect == other for other, _ in edges)}
    return left if left == edges else circles(left)


@given(st.integers(0, 2**32))
def test_no_order_closes_a_circle(seed: int) -> None:
    """Neither in the picture nor among the steps of a run, whatever is claimed."""
    told, led = claimed(tree := tangled(seed)), inferred_graph.find_order(tree)
    assert circles({(edge.cause, edge.effect) for edge in told.edges}) == set()
    assert circles({(edge.cause, edge.effect) for edge in inferred_graph.merge_edges(told, led)}) == set()
    assert circles(set(led)) == set()
    for top in reading.find_top_spans(tree):
        steps = reading.read_run(tree, top).steps
        assert circles({(str(before), str(step.span.id)) for step in steps for before in step.before}) == set()


def test_agents_that_hand_over_in_a_circle_are_a_chain(database: Database) -> None:
    """A, B, C, and A again: another step of the same agent."""
    trace = SentTrace()
    top = trace.span("Task", openinference__span__kind="CHAIN")
    for name, by in (("A", ""), ("B", "A"), ("C", "B"), ("A", "C")):
        said: dict[str, Value] = {"openinference.span.kind": "AGENT", "graph.node.id": name}
        trace.add(name, top, said | ({"graph.node.parent_id": by} if by else {}))
    trace.store(database)
    assert [edge[:2] for edge in drawn(database)[1] if edge[2] == Evidence.INFERRED] == [
        ("A", "B"),
        ("B", "C"),
        ("C", "A"),
    ]
    assert circles({(edge.cause, edge.effect) for edge in drawn(database)[0].edges}) == set()
