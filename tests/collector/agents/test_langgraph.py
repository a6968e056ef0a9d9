"""The order of a graph's nodes, from what LangGraph says of them."""

import json
from typing import Any
from uuid import UUID

from collector.agents import langgraph, order, reading
from collector.agents.tree import Span, Tree
from collector.store.roles import Role

TOP = 1


def node(id_: int, name: str, step: int, parent: int = TOP, path: str = "", **more: Any) -> Span:
    """A node, as OpenInference tells it; it begins at its id."""
    hints = {name: more.pop(name) for name in list(more) if name in ("output",)}
    metadata = {"langgraph_node": more.pop("of", name), "langgraph_step": step, "langgraph_checkpoint_ns": path, **more}
    told = {"metadata": json.dumps(metadata), **({"output.value": hints["output"]} if hints else {})}
    return Span(id_, parent, UUID(int=id_), name, id_, end_ns=id_ + 1, role=Role.STEP, hints=told)


def read(*nodes: Span, edges: list[str] | None = None) -> reading.AgentRun:
    """The run that nodes are of."""
    hints = {"gen_ai.workflow.edges": edges} if edges else {}
    top = Span(TOP, None, UUID(int=TOP), "graph", 0, end_ns=1_000, role=Role.STEP, hints=hints)
    return reading.read_run(Tree([top, *nodes]), top)


def before(run: reading.AgentRun) -> dict[int, list[int]]:
    """Which led to which."""
    return {step.span.id: sorted(step.before) for step in run.steps if step.before}


def test_a_node_that_waits_for_several_comes_behind_all_of_them() -> None:
    """However many supersteps before they ran."""
    triggers = {"langgraph_triggers": ["branch:to:d", "join:a+c:d"]}
    run = read(node(2, "a", 1), node(3, "b", 1), node(4, "c", 2), node(5, "d", 3, **triggers))
    assert before(run)[5] == [2, 4]
    run = read(node(2, "b", 1), node(4, "c", 2), node(5, "d", 3, **triggers))
    assert before(run)[5] == [4], "what waits for one that did not run came by another way"


def test_the_edges_of_a_graph_tell_branches_apart() -> None:
    """Where none is known, all that ran before may have led there."""
    nodes = (node(2, "a", 1), node(3, "b", 1), node(4, "a2", 2), node(5, "b2", 2))
    assert before(read(*nodes, edges=["a -> a2", "b -> b2"])) == {4: [2], 5: [3]}
    assert before(read(*nodes)) == {4: [2, 3], 5: [2, 3]}


def test_a_function_that_routes_says_where_its_node_led() -> None:
    """So does a node that names the next one itself, and one that sends to several."""
    routed = (node(4, "choose", 1, parent=2, of="a", output="c"), node(5, "c", 2), node(6, "d", 2))
    assert before(read(node(2, "a", 1), node(3, "b", 1), *routed)) == {5: [2], 6: [3]}
    jumps = node(2, "a", 1, output='{"update": null, "goto": "c"}')
    assert before(read(jumps, node(3, "b", 1), node(5, "c", 2), node(6, "d", 2))) == {5: [2], 6: [3]}
    sends = node(4, "Unnamed", 1, parent=2, of="a", output="[\"Send(node='c', arg={})\"]")
    assert before(read(node(2, "a", 1), node(3, "b", 1), sends, node(5, "c", 2))) == {5: [2]}


def test_attempts_at_one_task_are_one_step() -> None:
    """The last one says how it stands; what it called before is its own."""
    failed = node(2, "a", 1, path="a:7")
    call = Span(3, 2, UUID(int=3), "chat", 3, end_ns=4, role=Role.MODEL)
    (step,) = read(failed, call, node(5, "a", 1, path="a:7")).steps
    assert (step.span.id, [each.id for each in step.tries], [each.id for each in step.calls]) == (5, [2], [3])
    assert len(read(failed, node(5, "a", 1, path="a:8")).steps) == 2, "another task of the same node"


def test_a_graph_within_a_node_is_a_run_of_its_own() -> None:
    """Whose parent is the run around it."""
    outer, graph = node(2, "a", 1, path="a:7"), node(3, "a", 1, parent=2, path="a:7")
    inner = node(4, "x", 1, parent=3, path="a:7|x:8")
    top = Span(TOP, None, UUID(int=TOP), "graph", 0, end_ns=1_000, role=Role.STEP)
    tree = Tree([top, outer, graph, inner])
    run = reading.read_run(tree, top)
    assert ([step.span.id for step in run.steps], run.children) == ([2], [graph])
    assert [step.span.id for step in reading.read_run(tree, graph).steps] == [4]
    assert reading.find_parent_run(tree, graph) is top
    assert reading.find_parent_run(tree, top) is None


def test_what_is_no_metadata_is_no_place() -> None:
    """Of another type, or not to be read."""
    for metadata in ("no json", "[1]", '{"langgraph_node": 1, "langgraph_step": 1}', '{"langgraph_node": "a"}', 7):
        span = Span(2, TOP, UUID(int=2), "a", 2, role=Role.STEP, hints={"metadata": metadata})
        assert langgraph.find_place(span) is None, metadata
    strange = node(2, "a", 1, langgraph_triggers="join:b", output="{")
    assert before(read(strange, node(3, "c", 2))) == {3: [2]}


def test_agents_that_hand_over_follow_each_other() -> None:
    """As OpenInference says it; one that comes back is another step."""

    def agent(id_: int, name: str, by: str | None = None) -> Span:
        hints = {"graph.node.id": name, **({"graph.node.parent_id": by} if by else {})}
        return Span(id_, TOP, UUID(int=id_), name, id_, role=Role.AGENT, hints=hints)

    agents = [agent(2, "desk"), agent(3, "travel", "desk"), agent(4, "desk", "travel"), agent(5, "pay", "nobody")]
    found = order.order_handovers(agents)
    assert found == {3: [2], 4: [3]}
    assert order.compute_depths(agents, found) == {2: 1, 3: 2, 4: 3, 5: 1}


def test_langsmith_tells_each_in_an_attribute_of_its_own() -> None:
    """As text, lists as Python writes them."""

    def told(id_: int, name: str, step: int, triggers: str) -> Span:
        said = {"node": name, "step": str(step), "checkpoint_ns": f"{name}:{id_}", "triggers": triggers}
        hints = {f"langsmith.metadata.langgraph_{key}": value for key, value in said.items()}
        return Span(id_, TOP, UUID(int=id_), name, id_, end_ns=id_ + 1, role=Role.STEP, hints=hints)

    run = read(
        told(2, "a", 1, "['branch:to:a']"),
        told(3, "b", 1, "['branch:to:b']"),
        told(4, "c", 2, "['branch:to:c']"),
        told(5, "d", 3, "['join:a+c:d']"),
    )
    assert before(run) == {4: [2, 3], 5: [2, 4]}
