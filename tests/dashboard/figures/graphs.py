"""Small causal graphs, written by hand: `n1` to `n9` on lanes, at seconds since a fixed moment."""

from datetime import UTC, datetime, timedelta

from collector.models import AttemptBar, CausalGraph, Coordination, Edge, Evidence, Node, NodeKind, NodeStatus

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """A moment, in seconds since the start."""
    return START + timedelta(seconds=seconds)


def node(
    node_id: str,
    start: float | None,
    end: float | None = None,
    *,
    kind: NodeKind = NodeKind.STEP,
    agent: str = "a",
    name: str = "work",
    status: NodeStatus = NodeStatus.OK,
    tries: list[tuple[float, float]] | None = None,
) -> Node:
    """A node; `tries` are its attempts, from and to."""
    bars = [
        AttemptBar(attempt=number, outcome="ok" if number == len(tries or ()) else "retry", start=at(t0), end=at(t1))
        for number, (t0, t1) in enumerate(tries or (), 1)
    ]
    return Node(
        id=node_id,
        kind=kind,
        name=name,
        agent=agent,
        status=status,
        start=None if start is None else at(start),
        end=None if end is None else at(end),
        attempts=len(bars) or 1,
        bars=bars,
    )


def edge(cause: str, effect: str, *, commanded: bool = True, evidence: Evidence = Evidence.DECLARED) -> Edge:
    """An edge."""
    coordination = Coordination.COMMANDED if commanded else Coordination.REACTED
    return Edge(cause=cause, effect=effect, evidence=evidence, coordination=coordination)


def graph(nodes: list[Node], edges: list[Edge] | None = None) -> CausalGraph:
    """A graph whose focus is its first node."""
    return CausalGraph(focus=nodes[0].id, nodes=nodes, edges=edges or [])


def fan(count: int, *, dead: int = 0) -> CausalGraph:
    """One event and its many deliveries, each with an effect of its own; the first `dead` of them died."""
    nodes = [node("event", 0, kind=NodeKind.EVENT, name="sent")]
    edges = []
    for number in range(count):
        status = NodeStatus.DEAD if number < dead else NodeStatus.OK
        nodes.append(node(f"d{number}", 1, 2, kind=NodeKind.DELIVERY, agent="sms", name="sms", status=status))
        nodes.append(node(f"e{number}", 3, kind=NodeKind.EVENT, agent="sms", name="told"))
        edges += [edge("event", f"d{number}", commanded=False), edge(f"d{number}", f"e{number}", commanded=False)]
    return graph(nodes, edges)
