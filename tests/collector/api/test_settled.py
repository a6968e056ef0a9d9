"""A dead letter reads the same from whichever side it is asked, whatever became of it."""

from dataclasses import replace

import pytest

from collector.client import CollectorClient
from collector.models import NodeStatus
from runtime import semconv
from runtime.admin import AttemptRecord, DeadLetter
from runtime.causality import identity
from runtime.semconv import DeadLetterReason, NodeKind
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.shipment import CHANNEL, Shipment
from tests.collector.story import CLIENT, MS, ORIGIN_NS, Story, place


def waiting(shipment: Shipment) -> DeadLetter:
    """The bus's record of the shipment's letter."""
    return DeadLetter(
        id=shipment.letter,
        channel=CHANNEL,
        group="sms",
        event_id=shipment.event,
        delivery_id=shipment.deliveries["sms"],
        round=0,
        reason=DeadLetterReason.MAX_ATTEMPTS,
        attempts=2,
        dead_ms=ORIGIN_NS // MS + 152,
        state="dead",
        envelope="{}",
        error_type="GatewayError",
        message="down",
    )


def discarded(shipment: Shipment) -> Story:
    """What is told when the letter is given up."""
    story, about = Story("causeline-admin"), {semconv.DEAD_LETTER_ID: str(shipment.letter), semconv.OPERATOR: "ada"}
    about |= {semconv.CHANNEL: CHANNEL, semconv.GROUP: "sms", semconv.EVENT_ID: str(shipment.event)}
    story.node(
        NodeKind.DISCARD,
        identity.discard_id(shipment.letter),
        "discard c",
        place("d", "d"),
        cause=shipment.letter,
        span_kind=CLIENT,
        at=5_000,
        more=about | {semconv.REASON: "no use"},
    )
    return story


@pytest.mark.parametrize("are_told", [True, False], ids=["told", "not told yet"])
@pytest.mark.parametrize("how", ["waits", "replayed", "discarded"])
def test_every_side_says_the_same(
    collector: LiveCollector, client: CollectorClient, bus: MemoryBus, how: str, are_told: bool
) -> None:
    """Its list, its page, its node, its event and the audit; the bus knows before spans tell."""
    shipment = Shipment()
    spans, settled = shipment.story.spans[:-2], {"replayed": shipment.story.spans[-2:-1], "waits": []}
    told = settled.get(how, discarded(shipment).spans) if are_told else []
    collector.tell(Story("logistics", [*spans, *told]))
    bus.put(waiting(shipment))
    letter, event = str(shipment.letter), str(shipment.event)
    if how == "replayed":
        client.replay([letter], "ada")
    if how == "discarded":
        client.discard([letter], "ada", "no use")

    state = {"waits": "dead"}.get(how, how)
    (listed,) = client.dead_letters(state=state).items
    page, node, graph = client.dead_letter(letter), client.node(letter), client.causality(letter)
    brief = next(each for each in client.event(event).deliveries if each.group == "sms")
    (in_graph,) = [each for each in graph.nodes if each.id == letter]

    assert listed.state == page.state == node.node.status == state
    assert node.letter == listed
    assert (listed.operator, listed.why) == {
        "waits": (None, None),
        "replayed": ("ada", None),
        "discarded": ("ada", "no use"),
    }[how]
    assert listed.replay_outcome == ("pending" if how == "replayed" else None)
    assert [(entry.action, entry.operator, entry.reason) for entry in client.audit(dead_letter_id=letter).items] == {
        "waits": [],
        "replayed": [("replay", "ada", "")],
        "discarded": [("discard", "ada", "no use")],
    }[how]
    if are_told:
        assert brief.status == in_graph.status == state


def test_without_the_bus_spans_tell(collector: LiveCollector, client: CollectorClient, bus: MemoryBus) -> None:
    """As much as they do."""
    shipment = Shipment()
    collector.tell(shipment.story)
    bus.away = "Connection refused"
    detail = client.node(str(shipment.letter))
    assert (detail.node.status, detail.letter) == (NodeStatus.REPLAYED, None)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (DeadLetterReason.POISON, "PoisonError: it killed its worker each time that it ran"),
        (DeadLetterReason.OVERFLOW, "given up to make room: the channel was full, and its group was behind all others"),
    ],
)
def test_a_letter_that_no_error_explains_says_why_it_gave_up(
    client: CollectorClient, bus: MemoryBus, reason: DeadLetterReason, said: str
) -> None:
    """And its attempts say how they ended: nobody goes on with them."""
    lost = AttemptRecord(1, 0, ORIGIN_NS // MS, ORIGIN_NS // MS + 5, "w1", outcome="lost")
    letter = replace(waiting(Shipment()), reason=reason, error_type="", message="", history=(lost,))
    bus.put(letter)
    detail = client.dead_letter(str(letter.id))
    assert detail.error.startswith(said)
    assert client.dead_letters().items[0].error == detail.error
    assert [(attempt.attempt, attempt.outcome, attempt.error_type) for attempt in detail.history] == [(1, "lost", "")]
