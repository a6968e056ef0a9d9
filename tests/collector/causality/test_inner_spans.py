"""Foreign spans: inner workings stay out of the picture, what follows from us stays in, seen from either end."""

import random
from dataclasses import dataclass, field
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from collector.causality.cone import Direction, NodeId, compute_cone
from collector.causality.evidence import CausalEdge
from collector.causality.graph import build_causal_graph
from collector.causality.inner_spans import find_inner_spans
from collector.client import CollectorClient
from collector.otlp.decode.spans import decode
from collector.store.database import Database
from collector.store.records import RecordWriter
from collector.store.roles import Role
from runtime.semconv import Evidence, NodeKind
from tests.collector.live import LiveCollector
from tests.collector.story import CLIENT, CONSUMER, INTERNAL, PRODUCER, Story, Where, foreign, place, uid

OURS = [NodeKind.RUN, NodeKind.STEP, NodeKind.EVENT, NodeKind.DELIVERY, NodeKind.DEAD_LETTER, NodeKind.REPLAY]
NOBODY = "nobody"


@dataclass
class Graph:
    """A made-up chain: ours and foreign nodes, declared, linked and nested, with cycles where links make them."""

    kinds: dict[NodeId, NodeKind] = field(default_factory=dict)
    span_kinds: dict[NodeId, int] = field(default_factory=dict)
    roles: dict[NodeId, str] = field(default_factory=dict)
    edges: list[CausalEdge] = field(default_factory=list)

    @classmethod
    def of(cls, seed: int) -> "Graph":
        """The graph of a seed."""
        chance, graph = random.Random(seed), cls()
        for number in range(chance.randint(2, 14)):
            node = str(number)
            others = list(graph.kinds)
            if chance.random() < 0.35:
                graph.kinds[node], evidence = chance.choice(OURS), Evidence.DECLARED
            else:
                graph.kinds[node], evidence = NodeKind.SPAN, Evidence.PARENT
                graph.span_kinds[node] = chance.choice([INTERNAL, CLIENT, PRODUCER, CONSUMER])
                if chance.random() < 0.6:
                    graph.roles[node] = chance.choice(list(Role))
            if others and chance.random() < 0.9:
                graph.edges.append(CausalEdge(chance.choice(others), node, evidence))
        for _ in range(chance.randint(0, 4)):
            cause, effect = chance.choice(list(graph.kinds)), chance.choice(list(graph.span_kinds or graph.kinds))
            if cause != effect and all((edge.cause, edge.effect) != (cause, effect) for edge in graph.edges):
                graph.edges.append(CausalEdge(cause, effect, Evidence.LINKED))
        return graph

    def seen(self, focus: NodeId, direction: Direction) -> frozenset[NodeId]:
        """The nodes of a picture."""
        out = self.detail(focus)
        pairs = [(edge.cause, edge.effect) for edge in self.edges if not {edge.cause, edge.effect} & out]
        return compute_cone(focus, pairs, direction, 1000)[0]

    def detail(self, focus: NodeId) -> frozenset[NodeId]:
        """What a picture leaves out."""
        return find_inner_spans(self, focus)


@given(st.integers(0, 2**32))
def test_a_node_is_an_effect_of_another_exactly_where_that_is_a_cause_of_it(seed: int) -> None:
    """Only inner workings are seen from their own side alone: a model call names its step, the step not the call."""
    graph = Graph.of(seed)
    inner = graph.detail(NOBODY)
    for cause in graph.kinds:
        for effect in graph.kinds:
            ahead = effect in graph.seen(cause, Direction.EFFECTS)
            behind = cause in graph.seen(effect, Direction.CAUSES)
            assert ahead == behind or (effect in inner and cause not in inner and behind)


@given(st.integers(0, 2**32))
def test_only_what_is_nested_in_ours_and_leads_nowhere_is_left_out(seed: int) -> None:
    """Nothing of ours, no consumer, nothing linked, and nothing that one of those follows from."""
    graph = Graph.of(seed)
    out = graph.detail(NOBODY)
    linked = {edge.effect for edge in graph.edges if edge.evidence != Evidence.PARENT}
    assert all(graph.kinds[node] == NodeKind.SPAN and graph.span_kinds[node] != CONSUMER for node in out)
    assert not out & linked
    assert all(edge.effect in out for edge in graph.edges if edge.cause in out)


def mixed(seed: int, story: Story) -> list[NodeId]:
    """Adds spans of a few traces, ours and foreign, nested, linked and declared at random. Returns their nodes."""
    chance, spans, made = random.Random(seed), list[tuple[Where, UUID]](), list[NodeId]()
    for number in range(9):
        trace = f"{seed} {chance.randrange(3)}"
        where, links = place(trace, str(number)), [each for each, _ in spans if chance.random() < 0.08]
        near = [each for each, _ in spans if each.trace == where.trace]
        parent = chance.choice(near) if near and chance.random() < 0.8 else None
        if chance.random() < 0.4:
            cause = chance.choice(spans)[1] if spans and chance.random() < 0.6 else None
            node = uid(f"{seed} {number}")
            story.node(chance.choice(OURS), node, "ours", where, cause=cause, parent=parent, links=links, at=number)
        else:
            node, kind = foreign(where), chance.choice([INTERNAL, CLIENT, PRODUCER, CONSUMER])
            plays = asked(chance.choice(["chat", "invoke_agent", "execute_tool"])) if chance.random() < 0.5 else None
            story.add("foreign", where, kind=kind, parent=parent, links=links, attributes=plays, at=number)
        spans.append((where, node))
        made.append(str(node))
    return made


def test_stored_spans_are_seen_alike_from_either_end(database: Database) -> None:
    """As above, with chains read trace by trace; ours see no inner workings, those see us."""
    story = Story()
    graphs = [mixed(seed, story) for seed in range(3)]
    with database.writing() as session:
        RecordWriter(database).write(session, decode(story.request()))
    for made in graphs:
        ahead, behind = set(), set()
        with database.reading() as session:
            for focus in made:
                effects = build_causal_graph(session, UUID(focus), Direction.EFFECTS)
                ahead |= {(focus, node.id) for node in effects.nodes}
                behind |= {
                    (node.id, focus) for node in build_causal_graph(session, UUID(focus), Direction.CAUSES).nodes
                }
        assert len(ahead) > len(made)
        assert ahead <= behind
        inner = {effect for cause, effect in behind - ahead}
        assert not {cause for cause, effect in ahead if cause in inner and effect not in inner}


def test_an_event_is_followed_through_any_number_of_foreign_services(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """A consumer, what it sends on, and who receives that in a trace of its own."""
    event, story = uid("event"), Story()
    publish, first, send, second = place("a", "publish"), place("a", "first"), place("a", "send"), place("b", "second")
    story.node(NodeKind.EVENT, event, "publish c", publish, span_kind=PRODUCER)
    story.add("process c", first, kind=CONSUMER, parent=publish)
    story.add("send d", send, kind=PRODUCER, parent=first)
    story.add("process d", second, kind=CONSUMER, links=[send])
    collector.tell(story)

    chain = {str(event), *(str(foreign(each)) for each in (first, send, second))}
    assert {node.id for node in client.causality(str(event), direction="effects").nodes} == chain
    assert {node.id for node in client.causality(str(foreign(second)), direction="causes").nodes} == chain


def test_what_a_step_sends_by_foreign_means_is_its_effect_once_somebody_receives_it(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """The producer span within the step leads to the consumer; its model call leads nowhere."""
    step, story = uid("step"), Story()
    within, send, receive = place("a", "step"), place("a", "send"), place("b", "receive")
    story.node(NodeKind.STEP, step, "step s", within)
    story.add("chat model", place("a", "chat"), kind=CLIENT, parent=within)
    story.add("send orders", send, kind=PRODUCER, parent=within)
    story.add("process orders", receive, kind=CONSUMER, links=[send])
    collector.tell(story)

    chain = {str(step), str(foreign(send)), str(foreign(receive))}
    assert {node.id for node in client.causality(str(step), direction="effects").nodes} == chain
    assert {node.id for node in client.causality(str(foreign(receive)), direction="causes").nodes} == chain


def asked(operation: str, **more: str) -> dict[str, str]:
    """What a span of an agent says."""
    return {"gen_ai.operation.name": operation, **{f"gen_ai.{name}.name": value for name, value in more.items()}}


def test_an_agent_of_others_within_a_step_is_a_node_below_what_called_it(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """The tool that led to it as well; other calls stay details, as do the agent's own, until it is opened."""
    run, step, story = uid("run"), uid("step"), Story()
    of_run, within = place("a", "run"), place("a", "step")
    chat, tool, agent, inner = (place("a", name) for name in ("chat", "tool", "agent", "inner"))
    story.node(NodeKind.RUN, run, "run w", of_run)
    story.node(NodeKind.STEP, step, "step s", within, cause=run, parent=of_run)
    story.add("chat m", chat, kind=CLIENT, parent=within, attributes=asked("chat"), at=1)
    story.add("execute_tool ask", tool, parent=within, attributes=asked("execute_tool", tool="ask"), at=2)
    story.add("invoke_agent clerk", agent, parent=tool, attributes=asked("invoke_agent", agent="clerk"), at=3)
    story.add("chat m", inner, kind=CLIENT, parent=agent, attributes=asked("chat"), at=4)
    collector.tell(story)

    whole = client.causality(str(step), direction="whole")
    names = {str(run): "run", str(step): "step", str(foreign(tool)): "tool", str(foreign(agent)): "agent"}
    assert {(names[edge.cause], names[edge.effect], edge.coordination.value) for edge in whole.edges} == {
        ("run", "step", "commanded"),
        ("step", "tool", "commanded"),
        ("tool", "agent", "commanded"),
    }
    assert {node.id: (node.role, node.agent) for node in whole.nodes if node.role} == {
        str(foreign(tool)): ("tool", "story"),
        str(foreign(agent)): ("agent", "clerk"),
    }
    opened = client.causality(str(foreign(agent)), direction="whole")
    assert {node.id for node in opened.nodes} == {node.id for node in whole.nodes} | {str(foreign(inner))}
    assert {node.id for node in client.causality(str(foreign(agent)), direction="causes").nodes} == {
        str(run),
        str(step),
        str(foreign(tool)),
        str(foreign(agent)),
    }


def test_a_graph_of_others_within_a_step_is_a_node_and_a_chain_that_asks_a_model_is_none(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """What has steps of its own is a run that our step started."""
    step, story = uid("step"), Story()
    within, graph, plan, chain, chat = (place("a", name) for name in ("step", "graph", "plan", "chain", "chat"))
    story.node(NodeKind.STEP, step, "step s", within)
    kinds = {"openinference.span.kind": "CHAIN"}
    story.add("LangGraph", graph, parent=within, attributes=kinds, at=1)
    story.add("plan", plan, parent=graph, attributes=kinds, at=2)
    story.add("RunnableSequence", chain, parent=within, attributes=kinds, at=3)
    story.add("ChatFake", chat, parent=chain, attributes={"openinference.span.kind": "LLM"}, at=4)
    collector.tell(story)
    assert {node.id for node in client.causality(str(step), direction="effects").nodes} == {
        str(step),
        str(foreign(graph)),
    }
    opened = client.causality(str(foreign(graph)), direction="whole")
    assert {node.id for node in opened.nodes} == {str(step), str(foreign(graph)), str(foreign(plan))}
