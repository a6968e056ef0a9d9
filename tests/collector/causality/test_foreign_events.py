"""Messages of other programs: their producer spans are events, found by their own ids."""

from uuid import UUID

import pytest

from collector.client import CollectorClient
from runtime import semconv
from runtime.causality import identity
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.story import CLIENT, CONSUMER, PRODUCER, Story, Value, foreign, place, uid

OWN = UUID("0b6a1c3e-5f1d-4a57-9d54-0c8f0c1a7e11")


def message(id_: str, source: str = "/shop") -> dict[str, Value]:
    """What a CloudEvents library says about a message."""
    about: dict[str, Value] = {semconv.FOREIGN_EVENT_ID: id_, semconv.CHANNEL: "orders"}
    return about | ({semconv.EVENT_SOURCE: source} if source else {})


@pytest.mark.parametrize(
    ("about", "event"),
    [
        (message(str(OWN)), OWN),
        (message("order-17"), identity.foreign_event("/shop", "order-17")),
        (message("order-17", source=""), identity.foreign_event("orders", "order-17")),
        ({semconv.EVENT_ID: str(OWN), semconv.CHANNEL: "orders"}, OWN),
        ({semconv.EVENT_ID: "17", semconv.CHANNEL: "orders"}, identity.foreign_event("orders", "17")),
        ({semconv.EVENT_ID: "x", **message("order-17")}, identity.foreign_event("/shop", "order-17")),
    ],
)
def test_a_foreign_producer_is_an_event_under_the_id_of_its_message(
    collector: LiveCollector, client: CollectorClient, about: dict[str, Value], event: UUID
) -> None:
    """A UUID as it is, anything else with its source or, where none is told, its channel; the raw text is kept."""
    story = Story()
    story.add("publish orders", place("a", "send"), kind=PRODUCER, attributes=about)
    collector.tell(story)

    found, detail = client.event(str(event)), client.node(str(event))
    raw = str(about.get(semconv.FOREIGN_EVENT_ID, about.get(semconv.EVENT_ID)))

    assert (found.channel, found.source) == ("orders", about.get(semconv.EVENT_SOURCE))
    assert detail.node.kind == NodeKind.EVENT
    assert {**detail.attributes, **about} == detail.attributes
    assert [each.event_id for each in client.events(q=raw.upper()).items] == [str(event)]
    assert client.events(q="order-18").items == []


def test_who_receives_the_message_is_caused_by_it(collector: LiveCollector, client: CollectorClient) -> None:
    """By its id alone, whatever the trace; a link to the same span is one edge with it."""
    story = Story()
    send, alone, linked = place("a", "send"), place("b", "alone"), place("c", "linked")
    story.add("publish orders", send, kind=PRODUCER, attributes=message("order-17"))
    story.add("process orders", alone, kind=CONSUMER, attributes=message("order-17"))
    story.add("process orders", linked, kind=CONSUMER, attributes=message("order-17"), links=[send])
    story.add("process orders", place("d", "other"), kind=CONSUMER, attributes=message("order-18"))
    collector.tell(story)
    event = str(identity.foreign_event("/shop", "order-17"))

    edges = {(edge.cause, edge.effect, edge.evidence) for edge in client.causality(event).edges}
    assert edges == {(event, str(foreign(each)), "declared") for each in (alone, linked)}
    for each in (alone, linked):
        (edge,) = client.causality(str(foreign(each)), direction="causes").edges
        assert (edge.cause, edge.coordination) == (event, "reacted")
        assert client.node(str(foreign(each))).causes == [event]


def test_a_consumer_of_a_message_that_nobody_published_keeps_to_its_link(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """Many producers learn the id only after they sent; that makes no hole."""
    story = Story()
    send, receive = place("a", "send"), place("b", "receive")
    story.add("publish orders", send, kind=PRODUCER, attributes={semconv.CHANNEL: "orders"})
    story.add("process orders", receive, kind=CONSUMER, attributes=message("order-17"), links=[send])
    collector.tell(story)

    graph = client.causality(str(foreign(receive)))

    assert [(edge.cause, edge.evidence) for edge in graph.edges] == [(str(foreign(send)), "linked")]
    assert graph.holes == []


def test_what_a_step_sends_by_foreign_means_is_its_event(collector: LiveCollector, client: CollectorClient) -> None:
    """The span tree says who published; a message that could not be sent is no event."""
    step, story = uid("step"), Story()
    within = place("a", "step")
    story.node(NodeKind.STEP, step, "step s", within)
    story.add("send", place("a", "1"), kind=PRODUCER, parent=within, attributes=message("order-17"), failed="away")
    story.add("send", place("a", "2"), kind=PRODUCER, parent=within, attributes=message("order-17"))
    story.add("ask", place("a", "3"), kind=CLIENT, parent=within, attributes=message("order-18"))
    collector.tell(story)

    (edge,) = client.causality(str(step)).edges
    assert (edge.effect, edge.evidence) == (str(identity.foreign_event("/shop", "order-17")), "parent")
    assert {span.name for span in client.node(str(step)).nested} == {"send", "ask"}
