"""How far down its chain a node is, and how much context it had, is told from what spans say of causes."""

from typing import Final

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.client import CollectorClient
from collector.models import AccuracyList
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.story import Story, Where, place, uid

CORRELATION: Final = uid("correlation")


class Chain:
    """A story of nodes, each with what caused it."""

    def __init__(self, *, correlated: bool = True) -> None:
        self.story = Story()
        self._correlation = CORRELATION if correlated else None
        self._at = 0

    def node(self, kind: NodeKind, name: str, cause: str = "", **more: str | int) -> Span:
        """One span of a node; values of `more` that name other nodes are given as their ids by the callers."""
        self._at += 1
        return self.story.node(
            kind,
            uid(name),
            f"{kind.value} {name}",
            where(name),
            cause=uid(cause) if cause else None,
            correlation=self._correlation,
            at=self._at,
            more=more,
        )

    def run(self, name: str, workflow: str, cause: str = "") -> None:
        self.node(NodeKind.RUN, name, cause, **{semconv.WORKFLOW: workflow, semconv.RUN_ID: str(uid(name))})

    def step(self, name: str, run: str, workflow: str, depth: int, size: int, score: float | None = None) -> Span:
        more = {semconv.WORKFLOW: workflow, semconv.RUN_ID: str(uid(run)), semconv.STEP: name, semconv.DEPTH: depth}
        return scored(self.node(NodeKind.STEP, name, run, **more, **{semconv.CONTEXT_SIZE: size}), score)

    def event(self, name: str, channel: str, cause: str = "", size: int = 0) -> None:
        more = {semconv.CHANNEL: channel, semconv.EVENT_ID: str(uid(name)), semconv.PAYLOAD_SIZE: size}
        self.node(NodeKind.EVENT, name, cause, **more)

    def delivery(
        self, name: str, event: str, channel: str, score: float | None = None, round_: int = 0, cause: str = ""
    ) -> Span:
        more = {semconv.CHANNEL: channel, semconv.EVENT_ID: str(uid(event)), semconv.GROUP: "g", semconv.ROUND: round_}
        return scored(self.node(NodeKind.DELIVERY, name, cause or event, **more), score)


def where(name: str) -> Where:
    return place("t", name)


def scored(span: Span, score: float | None, name: str = "correct") -> Span:
    if score is not None:
        event = span.events.add(name=semconv.EVALUATION_EVENT, time_unix_nano=span.end_time_unix_nano)
        event.attributes.add(key=semconv.EVALUATION_NAME).value.string_value = name
        event.attributes.add(key=semconv.EVALUATION_SCORE).value.double_value = score
    return span


def bands(found: AccuracyList, measure: str) -> list[tuple[str, str, int, int, int, float | None]]:
    """Chain, kind, from, to, n and share right."""
    return [
        (one.workflow, one.kind.value, one.first, one.last, one.accuracy.n, one.accuracy.value)
        for one in found.items
        if one.measure == measure
    ]


def test_orchestrated_steps_stand_beside_the_choreographed_ones_that_follow(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """A delivery is one deeper than whoever published its event, and its context is that event."""
    chain = Chain()
    chain.run("run", "orders")
    chain.step("read", "run", "orders", 1, 100, 1.0)
    chain.step("judge", "run", "orders", 2, 5_000, 0.0)
    chain.event("judged", "order.judged", "judge", 300)
    chain.delivery("mail", "judged", "order.judged", 1.0)
    chain.event("mailed", "order.mailed", "mail", 0)
    chain.delivery("file", "mailed", "order.mailed", 0.0)
    collector.tell(chain.story)
    found = client.accuracy(last="all")
    assert bands(found, "depth") == [
        ("orders", "delivery", 3, 3, 1, 1.0),
        ("orders", "delivery", 4, 4, 1, 0.0),
        ("orders", "step", 1, 1, 1, 1.0),
        ("orders", "step", 2, 2, 1, 0.0),
    ]
    assert bands(found, "context") == [
        ("orders", "delivery", 0, 0, 1, 0.0),
        ("orders", "delivery", 256, 511, 1, 1.0),
        ("orders", "step", 64, 127, 1, 1.0),
        ("orders", "step", 4096, 8191, 1, 0.0),
    ]
    assert (found.score, found.scores, found.chains_total) == ("correct", ["correct"], 2)
    band = found.items[0]
    assert band.accuracy.low is not None
    assert 0 < band.accuracy.low < 1 == band.accuracy.high


def test_a_run_that_a_handler_starts_goes_on_where_that_was(collector: LiveCollector, client: CollectorClient) -> None:
    """Three levels: a step, the delivery of its event, and the second step of the run that this starts."""
    chain = Chain()
    chain.run("run", "outer")
    chain.step("first", "run", "outer", 1, 10)
    chain.event("told", "told", "first")
    chain.delivery("hear", "told", "told")
    chain.run("within", "inner", "hear")
    chain.step("deep", "within", "inner", 2, 10, 1.0)
    collector.tell(chain.story)
    assert bands(client.accuracy(last="all"), "depth") == [("outer", "step", 4, 4, 1, 1.0)]


def test_a_replay_makes_nothing_deeper(collector: LiveCollector, client: CollectorClient) -> None:
    """What follows from the delivery of a later round is as far from the first cause as if there had been one round."""
    chain = Chain()
    chain.run("run", "desk")
    chain.step("ask", "run", "desk", 1, 10)
    chain.event("asked", "asked", "ask", size=40)
    chain.delivery("dead", "asked", "asked", 0.0)
    chain.delivery("again", "asked", "asked", 1.0, round_=1, cause="replay")
    chain.event("answered", "answered", "again")
    chain.delivery("thank", "answered", "answered", 1.0)
    collector.tell(chain.story)
    found = bands(client.accuracy(last="all"), "depth")
    assert found == [("desk", "delivery", 2, 2, 1, 0.0), ("desk", "delivery", 3, 3, 1, 1.0)]


def test_a_chain_that_no_run_began_is_named_after_its_channel(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """The first one, of the event that came from outside."""
    chain = Chain()
    chain.event("asked", "asked")
    chain.delivery("hear", "asked", "asked")
    chain.event("answered", "answered", "hear")
    chain.delivery("thank", "answered", "answered", 1.0)
    collector.tell(chain.story)
    assert bands(client.accuracy(last="all"), "depth") == [("asked", "delivery", 2, 2, 1, 1.0)]


def test_what_says_no_correlation_counts_by_itself(collector: LiveCollector, client: CollectorClient) -> None:
    """A step by the depth within its run; nothing ties it to more."""
    chain = Chain(correlated=False)
    chain.run("run", "orders")
    chain.step("judge", "run", "orders", 3, 10, 1.0)
    collector.tell(chain.story)
    assert bands(client.accuracy(last="all"), "depth") == [("orders", "step", 3, 3, 1, 1.0)]


def test_causes_in_a_circle_come_to_an_end(collector: LiveCollector, client: CollectorClient) -> None:
    """Two events that claim to have caused each other's deliveries."""
    chain = Chain()
    chain.event("a", "a", "hear-b")
    chain.delivery("hear-a", "a", "a", 1.0)
    chain.event("b", "b", "hear-a")
    chain.delivery("hear-b", "b", "b", 1.0)
    collector.tell(chain.story)
    assert sum(n for *_, n, _ in bands(client.accuracy(last="all"), "depth")) == 2


def test_tokens_are_those_of_the_largest_call_within_however_deep(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Not those of an agent that adds its calls up, and not those of other steps below in the same trace."""
    chain = Chain()
    chain.run("run", "orders")
    chain.step("judge", "run", "orders", 1, 10, 1.0)
    story = chain.story
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 9_000}
    story.add("invoke_agent", where("agent"), parent=where("judge"), attributes=agent)
    for name, tokens in (("small", 10), ("large", 700)):
        chat = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": tokens}
        story.add(f"chat {name}", where(name), parent=where("agent"), attributes=chat)
    collector.tell(story)
    assert bands(client.accuracy(last="all"), "tokens") == [("orders", "step", 512, 1023, 1, 1.0)]


def test_a_score_and_a_chain_are_chosen_by_name(collector: LiveCollector, client: CollectorClient) -> None:
    """Two questions about an answer have two accuracies; a name that nobody gave has none."""
    chain = Chain()
    for name in ("orders", "refunds"):
        chain.run(f"run-{name}", name)
        scored(chain.step(name, f"run-{name}", name, 1, 10, 1.0), 0.0, "polite")
    collector.tell(chain.story)
    polite = client.accuracy(last="all", score="polite", workflow="refunds")
    assert bands(polite, "depth") == [("refunds", "step", 1, 1, 1, 0.0)]
    assert (client.accuracy(last="all").score, polite.scores) == ("correct", ["correct", "polite"])
    nobody = client.accuracy(last="all", score="nobody gave it")
    assert (nobody.score, nobody.items) == (None, [])


def test_where_nothing_was_scored_there_are_no_bands(collector: LiveCollector, client: CollectorClient) -> None:
    """An empty store, too."""
    assert client.accuracy().items == []
    chain = Chain()
    chain.run("run", "orders")
    chain.step("read", "run", "orders", 1, 100)
    collector.tell(chain.story)
    assert client.accuracy(last="all").items == []
