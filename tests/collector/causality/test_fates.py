"""Work whose own records don't tell how it stands: its run has ended, its worker is gone, or it has a dead letter."""

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import pytest

from collector.client import CollectorClient
from collector.models import NodeKind, NodeStatus
from runtime import semconv
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import MS, ORIGIN_NS, PRODUCER, Story, Value, place, uid


@dataclass
class Told:
    """A run, or an event, with what its steps and deliveries say of their attempts."""

    story: Story = field(default_factory=Story)
    run: UUID = field(default_factory=lambda: uid("run"))
    event: UUID = field(default_factory=lambda: uid("event"))

    def start(self) -> None:
        """The run is accepted."""
        more: dict[str, Value] = {semconv.WORKFLOW: "w", semconv.RUN_ID: str(self.run)}
        self.story.node(NodeKind.RUN, self.run, "start w", place("t", "start"), span_kind=PRODUCER, more=more)

    def end(self, outcome: str, *, at: float, failed_step: str = "") -> None:
        """The run ends."""
        more: dict[str, Value] = {semconv.WORKFLOW: "w", semconv.RUN_ID: str(self.run), semconv.OUTCOME: outcome}
        more |= {semconv.OPERATION: "invoke_workflow", semconv.ATTEMPT: 1}
        more |= {semconv.STEP: failed_step} if failed_step else {}
        self.story.node(NodeKind.RUN, self.run, "invoke_workflow w", place("t", "end"), lasts=at, more=more)

    def step(self, name: str, *outcomes: str) -> str:
        """A step's attempts, ten milliseconds apart; an empty outcome is one that only a marker tells of. Its id."""
        more: dict[str, Value] = {semconv.WORKFLOW: "w", semconv.RUN_ID: str(self.run), semconv.STEP: name}
        return self._tried(NodeKind.STEP, uid(name), self.run, place("t", "end").span, more, outcomes)

    def delivery(self, group: str, *outcomes: str) -> str:
        """A delivery's attempts, likewise."""
        more: dict[str, Value] = {semconv.CHANNEL: "c", semconv.GROUP: group, semconv.EVENT_ID: str(self.event)}
        return self._tried(NodeKind.DELIVERY, uid(group), self.event, 0, more | {semconv.ROUND: 0}, outcomes)

    def letter(self, group: str, reason: str, *, attempts: int, at: float = 50) -> str:
        """A delivery gives up. The letter's id."""
        more: dict[str, Value] = {semconv.CHANNEL: "c", semconv.GROUP: group, semconv.EVENT_ID: str(self.event)}
        more |= {semconv.ROUND: 0, semconv.REASON: reason, semconv.ATTEMPTS: attempts, semconv.AGENT: group}
        letter = uid(f"letter of {group}")
        self.story.node(
            NodeKind.DEAD_LETTER,
            letter,
            "dead_letter c",
            place("t", f"letter {group}"),
            cause=uid(group),
            at=at,
            more=more,
            failed=f"gave up: {reason}",
        )
        return str(letter)

    def publish(self) -> None:
        """The event is in its channel."""
        more: dict[str, Value] = {semconv.CHANNEL: "c", semconv.PAYLOAD: "{}"}
        self.story.node(NodeKind.EVENT, self.event, "publish c", place("t", "publish"), span_kind=PRODUCER, more=more)

    def _tried(
        self, kind: NodeKind, node: UUID, cause: UUID, parent: int, more: dict[str, Value], outcomes: tuple[str, ...]
    ) -> str:
        for attempt, outcome in enumerate(outcomes, 1):
            said: dict[str, Value] = {semconv.OUTCOME: outcome} if outcome else {semconv.PENDING: True}
            where, at = place("t", f"{node} {attempt}"), attempt * 10
            above = place("t", f"work {node} {attempt}") if not outcome else place("t", "end") if parent else None
            about = more | said | {semconv.ATTEMPT: attempt}
            self.story.node(kind, node, "work", where, cause=cause, at=at, lasts=5, parent=above, more=about)
        return str(node)


def millis(moment: object) -> float | None:
    """A moment as stories count them."""
    return None if moment is None else round(moment.timestamp() * 1000 - ORIGIN_NS / MS, 3)


#: How a step's attempts ended ("" is one under way), how it stands while its run goes on, and what its attempts are.
OPEN: Final = [
    (("retry",), NodeStatus.RETRYING, ["retry"]),
    (("",), NodeStatus.RUNNING, [""]),
    (("retry", ""), NodeStatus.RUNNING, ["retry", ""]),
    (("", "retry"), NodeStatus.RETRYING, ["lost", "retry"]),
    (("lost",), NodeStatus.RETRYING, ["lost"]),
    (("cancelled",), NodeStatus.RETRYING, ["cancelled"]),
    (("lost", "cancelled", ""), NodeStatus.RUNNING, ["lost", "cancelled", ""]),
]


@pytest.mark.parametrize("ended", ["", "cancelled", "failed", "ok"])
def test_a_step_without_an_end_stands_as_its_run_does(
    collector: LiveCollector, client: CollectorClient, ended: str
) -> None:
    """While that goes on it is tried again; then never more. Its run, the graph and its own page agree."""
    told = Told()
    told.start()
    steps = [told.step(f"s{number}", *outcomes) for number, (outcomes, *_) in enumerate(OPEN)]
    done = told.step("done", "ok")
    if ended:
        told.end(ended, at=40)
    collector.tell(told.story)

    in_run = {each.node_id: each for each in client.run(str(told.run)).steps}
    in_graph = {each.id: each for each in client.causality(str(told.run)).nodes}

    assert in_run[done].status == in_graph[done].status == NodeStatus.OK
    for step, (outcomes, of_open, attempts) in zip(steps, OPEN, strict=True):
        alone = client.node(step)
        wanted = {"": of_open, "ok": NodeStatus.UNKNOWN}.get(ended, NodeStatus.CANCELLED)
        assert in_run[step].status == in_graph[step].status == alone.node.status == wanted, outcomes
        assert in_run[step].attempts == in_graph[step].attempts == len(outcomes)
        goes_on = wanted == NodeStatus.RUNNING
        assert (in_run[step].end is None) == (in_graph[step].end is None) == goes_on, outcomes
        so = attempts
        if ended and outcomes[-1] == "":
            assert millis(in_run[step].end) == millis(in_graph[step].end) == 40
            so = [*attempts[:-1], "unknown" if ended == "ok" else "cancelled"]
        assert [bar.outcome for bar in in_graph[step].bars] == so
        assert [attempt.outcome for attempt in alone.attempts] == so
        assert [attempt.end is None for attempt in alone.attempts] == [outcome == "" for outcome in so]


def test_a_run_that_failed_names_the_step_even_where_no_attempt_of_it_ended(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """A step that kept killing its workers has lost attempts alone."""
    told = Told()
    told.start()
    poison, other = told.step("poison", "lost", "lost"), told.step("other", "lost")
    told.end("failed", at=40, failed_step="poison")
    collector.tell(told.story)

    detail = client.run(str(told.run))

    assert {step.node_id: step.status for step in detail.steps} == {
        poison: NodeStatus.FAILED,
        other: NodeStatus.CANCELLED,
    }
    assert detail.run.failed_steps == client.runs().items[0].failed_steps == 1
    assert [attempt.outcome for attempt in client.node(poison).attempts] == ["lost", "lost"]
    rates = {figures.step: figures.error_rate for figures in client.steps().items}
    assert rates == {"poison": 1.0, "other": 0.0}


@pytest.mark.parametrize("last", ["lost", ""])
def test_a_delivery_that_was_buried_as_poison_is_dead(
    collector: LiveCollector, client: CollectorClient, last: str
) -> None:
    """Though its last attempt never ended; the ledger, the overview and the figures hold it."""
    told = Told()
    told.publish()
    delivery, letter = told.delivery("sms", "lost", last), told.letter("sms", "poison", attempts=2)
    collector.tell(told.story)

    (brief,) = client.event(str(told.event)).deliveries
    (node,) = [each for each in client.causality(str(told.event)).nodes if each.id == delivery]
    alone = client.node(delivery)

    assert brief.status == node.status == alone.node.status == client.node(letter).node.status == NodeStatus.DEAD
    assert brief.attempts == node.attempts == 2
    assert [attempt.outcome for attempt in alone.attempts] == ["lost", "lost"]
    assert [bar.outcome for bar in node.bars] == ["lost", "lost"]
    assert millis(node.end) == (25 if last else 50)
    assert [(figures.step, figures.error_rate) for figures in client.steps().items] == [("sms", 1.0)]
    assert sum(point.dead_letters for point in client.overview().activity) == 1


def test_the_ledger_holds_a_poison_letter(collector: LiveCollector, client: CollectorClient, bus: MemoryBus) -> None:
    """It is one that waits for somebody, as any other."""
    told = Told()
    told.publish()
    told.delivery("sms", "lost")
    told.letter("sms", "poison", attempts=1)
    collector.tell(told.story)
    bus.owe("c", "sms", dead=1)

    (row,) = client.ledger().items

    assert (row.bus.dead, row.spans_dead, row.spans_done, row.difference) == (1, 1, 0, 0)


@pytest.mark.parametrize("outcome", ["lost", "cancelled"])
def test_a_delivery_that_was_lost_or_cut_off_is_due_again(
    collector: LiveCollector, client: CollectorClient, outcome: str
) -> None:
    """Nobody gave it up, and nobody works on it."""
    told = Told()
    told.publish()
    delivery = told.delivery("sms", outcome)
    collector.tell(told.story)

    (brief,) = client.event(str(told.event)).deliveries
    alone = client.node(delivery)

    assert brief.status == alone.node.status == NodeStatus.RETRYING
    assert [attempt.outcome for attempt in alone.attempts] == [outcome]


def test_a_delivery_that_was_given_up_before_any_attempt_is_no_hole(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Its letter tells of it: who gave it up, that it was never tried, and which event it was."""
    told = Told()
    told.publish()
    letter = told.letter("sms", "overflow", attempts=0)
    collector.tell(told.story)
    delivery = str(uid("sms"))

    graph = client.causality(letter)
    (brief,) = client.event(str(told.event)).deliveries
    (round_,) = client.event(str(told.event)).rounds
    alone = client.node(delivery)

    assert graph.holes == []
    assert {(edge.cause, edge.effect) for edge in graph.edges} == {(str(told.event), delivery), (delivery, letter)}
    assert (brief.group, brief.status, brief.attempts) == ("sms", NodeStatus.DEAD, 0)
    (node,) = [each for each in graph.nodes if each.id == delivery]
    assert node == alone.node == round_
    assert (node.name, node.status, node.attempts, node.bars) == ("sms", NodeStatus.DEAD, 0, [])
    assert (alone.attempts, alone.causation_id) == ([], str(told.event))
