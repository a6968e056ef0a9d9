"""Who received a message of others, by any of the ways in which OpenTelemetry tells it."""

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.client import CollectorClient
from collector.models import Event
from runtime import semconv
from tests.collector.live import LiveCollector
from tests.collector.story import CLIENT, CONSUMER, PRODUCER, Story, Value, Where, any_value, foreign, place

CHANNEL = "orders"
GROUP = "messaging.consumer.group.name"
OPERATION = "messaging.operation.type"
SENT, TAKEN = place("a", "send"), place("b", "process")


def about(id_: str | None = None, **more: Value) -> dict[str, Value]:
    """What a client says about a message; `__` is a dot."""
    said: dict[str, Value] = {semconv.CHANNEL: CHANNEL}
    if id_ is not None:
        said["messaging.message.id"] = id_
    return said | {name.replace("__", "."): value for name, value in more.items()}


def link(span: Span, where: Where, id_: str = "") -> None:
    """A link to what sent a message, with the message's id."""
    added = span.links.add(trace_id=where.trace.to_bytes(16), span_id=where.span.to_bytes(8))
    if id_:
        added.attributes.add(key="messaging.message.id", value=any_value(id_))


def standings(event: Event) -> list[tuple[str, str]]:
    return [(each.group, each.status.value) for each in event.deliveries]


def only_event(client: CollectorClient) -> Event:
    (event,) = client.events(channel=CHANNEL).items
    return event


def test_each_message_of_a_batch_was_received_by_who_links_its_id(
    collector: LiveCollector, client: CollectorClient
) -> None:
    story = Story()
    story.add("send", SENT, kind=PRODUCER, attributes=about("m1"))
    story.add("send", place("c", "send"), kind=PRODUCER, attributes=about("m2"))
    batch = story.add("process", TAKEN, kind=CONSUMER, at=5, attributes=about(**{GROUP: "billing"}))
    link(batch, SENT, "m1")
    link(batch, place("c", "send"), "m2")
    collector.tell(story)
    events = client.events(channel=CHANNEL).items
    assert [standings(event) for event in events] == [[("billing", "ok")]] * 2
    assert [event.deliveries[0].attempts for event in events] == [1, 1]
    assert [standings(client.event(event.event_id)) for event in events] == [[("billing", "ok")]] * 2
    assert client.events(channel=CHANNEL, status="unreceived").items == []
    assert len(client.causality(str(foreign(TAKEN))).edges) == 2


def test_an_id_on_a_link_tells_whose_target_never_came(collector: LiveCollector, client: CollectorClient) -> None:
    story = Story()
    story.add("send", SENT, kind=PRODUCER, attributes=about("m1"))
    link(story.add("process", TAKEN, kind=CONSUMER, at=5, attributes=about()), place("never", "came"), "m1")
    collector.tell(story)
    event = only_event(client)
    assert standings(event) == [("story", "ok")]
    edges = {(edge.cause, edge.evidence) for edge in client.causality(str(foreign(TAKEN)), direction="causes").edges}
    assert (event.event_id, "declared") in edges


@pytest.mark.parametrize("sent", [about("m1", **{OPERATION: "send"}), about(messaging__system="kafka")])
def test_a_link_to_what_sent_it_is_enough(
    sent: dict[str, Value], collector: LiveCollector, client: CollectorClient
) -> None:
    """The default of OpenTelemetry: the id is at the producer, or nowhere, as with Kafka."""
    story = Story()
    story.add("send", SENT, kind=PRODUCER, attributes=sent)
    story.add("process", TAKEN, kind=CONSUMER, at=5, links=[SENT], attributes=about(), failed="boom")
    collector.tell(story)
    assert standings(only_event(client)) == [("story", "failed")]
    assert client.events(channel=CHANNEL, status="failed").items


def test_what_sent_it_may_be_the_parent(collector: LiveCollector, client: CollectorClient) -> None:
    story = Story()
    story.add("send", SENT, kind=PRODUCER, attributes=about(messaging__system="kafka"))
    story.add("process", place("a", "process"), parent=SENT, kind=CONSUMER, at=5, attributes=about())
    story.add("other", place("a", "other"), parent=SENT, kind=CONSUMER, at=6, attributes={semconv.CHANNEL: "else"})
    collector.tell(story)
    assert standings(only_event(client)) == [("story", "ok")]


def test_a_message_of_kafka_is_known_by_its_place_in_the_topic(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Without an id, a link or a trace in common; the same offset elsewhere is another message."""
    story = Story()
    for number, partition in enumerate(("0", "1")):
        where = about(messaging__destination__partition__id=partition, messaging__kafka__offset=7)
        story.add("send", place(f"s{number}", "send"), kind=PRODUCER, attributes=where)
    old = about(messaging__kafka__partition=1, messaging__kafka__message__offset=7)
    story.add("process", TAKEN, kind=CONSUMER, at=5, attributes=old)
    collector.tell(story)
    assert sorted(len(event.deliveries) for event in client.events(channel=CHANNEL).items) == [0, 1]


def test_a_batch_that_is_sent_is_no_event_of_its_own(collector: LiveCollector, client: CollectorClient) -> None:
    story = Story()
    story.add(
        "send", SENT, kind=PRODUCER, attributes=about(messaging__system="kafka", messaging__batch__message_count=3)
    )
    story.add(
        "receive", TAKEN, kind=PRODUCER, attributes=about(messaging__system="kafka", messaging__operation="receive")
    )
    collector.tell(story)
    assert client.events(channel=CHANNEL).items == []


@pytest.mark.parametrize(
    ("operation", "disposition", "status"),
    [
        ("dead_letter", "dead_letter", "failed"),
        ("abandon", "abandon", "retrying"),
        ("complete", "complete", "ok"),
        ("defer", "", "waiting"),
    ],
)
def test_who_settles_a_message_received_it(
    operation: str, disposition: str, status: str, collector: LiveCollector, client: CollectorClient
) -> None:
    """As Service Bus has it."""
    story = Story()
    story.add("send", SENT, kind=PRODUCER, attributes=about("m1"))
    settled = about("m1", messaging__operation__type="settle", messaging__operation__name=operation)
    if disposition:
        settled["messaging.servicebus.disposition_status"] = disposition
    story.add("settle", TAKEN, kind=CLIENT, at=5, attributes=settled)
    collector.tell(story)
    assert standings(only_event(client)) == [("story", status)]


def test_to_receive_to_process_and_to_settle_are_one_attempt(collector: LiveCollector, client: CollectorClient) -> None:
    """A settlement that went well does not hide that the work failed."""
    story = Story()
    story.add("send", SENT, kind=PRODUCER, attributes=about("m1"))
    for at, (name, kind, failed) in enumerate(
        (("receive", CLIENT, ""), ("process", CONSUMER, "boom"), ("settle", CLIENT, "")), 5
    ):
        said = about("m1", messaging__operation__type=name)
        story.add(name, place("b", name), kind=kind, at=at, attributes=said, failed=failed)
    collector.tell(story)
    (delivery,) = only_event(client).deliveries
    assert (delivery.status.value, delivery.attempts) == ("failed", 1)
