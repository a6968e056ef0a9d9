"""Everything that is known of one node, kind by kind."""

import pytest

from collector.client import CollectorClient
from collector.models import NodeStatus
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.shipment import CHANNEL, Shipment
from tests.collector.story import Story, place, uid


@pytest.fixture
def shipment(collector: LiveCollector) -> Shipment:
    """One shipment, stored."""
    shipment = Shipment()
    collector.tell(shipment.story)
    return shipment


def test_a_step_has_attempts_and_scores(client: CollectorClient, shipment: Shipment) -> None:
    """Each attempt with its outcome, error and attributes."""
    detail = client.node(str(shipment.steps["sorting"]))

    assert [(a.attempt, a.outcome, a.error_type, a.error_message) for a in detail.attempts] == [
        (1, "retry", "CarrierError", "CarrierError: busy"),
        (2, "ok", None, None),
    ]
    assert detail.attempts[1].attributes[semconv.ATTEMPT] == 2
    assert [(e.name, e.score, e.label) for e in detail.evaluations] == [("correct", 1.0, "pass")]
    assert detail.causation_id == str(shipment.run)
    assert detail.causes == [str(shipment.steps["pickup"])]
    assert detail.node.error is None
    assert detail.payload is None


def test_a_dead_delivery_has_every_attempts_traceback(client: CollectorClient, shipment: Shipment) -> None:
    """And the payload that it failed on."""
    detail = client.node(str(shipment.deliveries["sms"]))

    assert detail.node.status == NodeStatus.DEAD
    assert detail.node.error == "GatewayError: down"
    assert [(a.attempt, a.error_message, a.traceback) for a in detail.attempts] == [
        (1, "down", "Traceback: ..."),
        (2, "down", "Traceback: ..."),
    ]
    assert detail.payload == '{"number": "S-0001", "to": "Ünna"}'
    assert (detail.node.channel, detail.node.group, detail.node.event_id) == (CHANNEL, "sms", str(shipment.event))


def test_letter_and_replay_tell_their_story(client: CollectorClient, shipment: Shipment) -> None:
    """Who, why, and what came of it."""
    letter = client.node(str(shipment.letter))
    replay = client.node(str(shipment.replay))

    assert (letter.node.status, letter.node.reason) == (NodeStatus.REPLAYED, "max_attempts")
    assert letter.causes == [str(shipment.deliveries["sms"])]
    assert replay.attributes[semconv.OPERATOR] == "ada"
    assert replay.causes == [str(shipment.letter)]


def test_only_work_is_attempted(client: CollectorClient, shipment: Shipment) -> None:
    """A run begins and ends; an event, a letter and a replay happen."""
    happened = (shipment.run, shipment.event, shipment.letter, shipment.replay)
    assert [client.node(str(each)).attempts for each in happened] == [[], [], [], []]
    assert client.node(str(shipment.replay)).attributes


def test_absurd_numbers_spoil_no_answer(collector: LiveCollector, client: CollectorClient, shipment: Shipment) -> None:
    """A client that counts attempts in nanoseconds is its own problem."""
    absurd = Story()
    more = {semconv.ATTEMPT: 2**63 - 1, semconv.ROUND: 2**62, semconv.DEPTH: -(2**63), semconv.CHANNEL: "c"}
    span = absurd.node(NodeKind.DELIVERY, uid("absurd"), "process c", place("t", "absurd"), more=more)
    score = span.events.add(name=semconv.EVALUATION_EVENT, time_unix_nano=2**64 - 1)
    score.attributes.add(key=semconv.EVALUATION_SCORE).value.int_value = 1
    collector.tell(absurd)

    detail = client.node(str(uid("absurd")))

    assert (detail.node.attempts, [evaluation.score for evaluation in detail.evaluations]) == (1, [1.0])
    assert client.overview().totals.deliveries == 5
    assert len(client.steps().items) == 8
    assert client.trace(detail.node.trace_id or "").spans[0].attributes[semconv.ATTEMPT] == 2**63 - 1


def test_a_letter_nobody_settled_is_dead(collector: LiveCollector, client: CollectorClient) -> None:
    """Until somebody does."""
    shipment = Shipment(number=2)
    collector.post(shipment.story.request(shipment.story.spans[:-2]))
    assert client.node(str(shipment.letter)).node.status == NodeStatus.DEAD


def test_an_event_shows_its_payload_among_its_attributes_in_the_trace(
    client: CollectorClient, shipment: Shipment
) -> None:
    """It is kept apart in the store, and given back as it came."""
    detail = client.node(str(shipment.event))
    spans = client.trace(detail.node.trace_id or "").spans

    published = next(span for span in spans if span.name == f"publish {CHANNEL}")
    assert detail.payload == published.attributes[semconv.PAYLOAD] == '{"number": "S-0001", "to": "Ünna"}'
    assert [span.start for span in spans] == sorted(span.start for span in spans)
    assert published.start.endswith("Z")
    assert len(published.start) == len("2026-01-01T00:00:00.000000000Z")
    retried = next(span for span in spans if span.name == f"process {CHANNEL}" and len(span.links) == 2)
    assert retried.status == "error"
    assert {link.trace_id for link in retried.links} == {published.trace_id}
