"""Messages of other programs: their producer spans are events, found by their own ids."""

import hashlib
from uuid import UUID

import pytest

from collector.client import CollectorClient
from runtime import semconv
from runtime.causality import identity
from runtime.semconv import NodeKind
from tests.collector.live import LiveCollector
from tests.collector.story import CLIENT, CONSUMER, PRODUCER, Story, Value, foreign, place, uid

OWN = UUID("0b6a1c3e-5f1d-4a57-9d54-0c8f0c1a7e11")


def message(id_: str, source: str = "/shop", channel: str = "orders") -> dict[str, Value]:
    """What a CloudEvents library says about a message."""
    about: dict[str, Value] = {semconv.FOREIGN_EVENT_ID: id_, semconv.CHANNEL: channel}
    return about | ({semconv.EVENT_SOURCE: source} if source else {})


def event_of(id_: str, source: str = "/shop", channel: str = "orders") -> UUID:
    """The id of the event that a message of others is on a channel of others."""
    content = "\x1f".join(part for part in (channel, source, id_) if part).encode()
    return identity.version_8(hashlib.sha256(content).digest()[:16])


@pytest.mark.parametrize(
    ("about", "event"),
    [
        (message(str(OWN)), event_of(str(OWN))),
        (message("order-17"), event_of("order-17")),
        (message("order-17", source=""), event_of("order-17", "")),
        ({semconv.EVENT_ID: str(OWN), semconv.CHANNEL: "orders"}, event_of(str(OWN), "")),
        ({semconv.EVENT_ID: "17", semconv.CHANNEL: "orders"}, event_of("17", "")),
        ({semconv.EVENT_ID: "x", **message("order-17")}, event_of("order-17")),
    ],
)
def test_a_foreign_producer_is_an_event_of_its_channel_and_message(
    collector: LiveCollector, client: CollectorClient, about: dict[str, Value], event: UUID
) -> None:
    """By channel, source where one is told, and id; the raw text is kept."""
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
    event = str(event_of("order-17"))

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
    assert (edge.effect, edge.evidence) == (str(event_of("order-17")), "parent")
    assert {span.name for span in client.node(str(step)).nested} == {"send", "ask"}


def test_a_message_that_is_moved_on_is_a_second_event(collector: LiveCollector, client: CollectorClient) -> None:
    """An error queue holds it under its old id: it was caused by who failed, and who reads it there by this event."""
    story = Story()
    send, fail, move, repair = (place("a", name) for name in ("send", "fail", "move", "repair"))
    story.add("send", send, kind=PRODUCER, attributes=message(str(OWN)))
    story.add("process", fail, at=1, kind=CONSUMER, parent=send, attributes=message(str(OWN)), failed="no")
    errors = message(str(OWN), channel="errors")
    story.add("send", move, at=2, kind=PRODUCER, parent=fail, attributes=errors)
    story.add("process", repair, at=3, kind=CONSUMER, parent=move, attributes=errors)
    collector.tell(story)
    first, second = event_of(str(OWN)), event_of(str(OWN), channel="errors")

    assert {(edge.cause, edge.effect) for edge in client.causality(str(first)).edges} == {
        (str(first), str(foreign(fail))),
        (str(foreign(fail)), str(second)),
        (str(second), str(foreign(repair))),
    }
    assert [each.channel for each in client.events(q=str(OWN)).items] == ["errors", "orders"]
    assert [each.event_id for each in client.events(channel="errors").items] == [str(second)]


def test_a_message_that_is_put_back_makes_no_circle(collector: LiveCollector, client: CollectorClient) -> None:
    """Back into its own channel, even by a clock that is behind: it is one event, and was there before its receipt."""
    story = Story()
    send, fail, back, again = (place("a", name) for name in ("send", "fail", "back", "again"))
    story.add("send", send, at=5, kind=PRODUCER, attributes=message("order-17"))
    story.add("process", fail, at=6, kind=CONSUMER, parent=send, attributes=message("order-17"))
    story.add("send", back, at=1, kind=PRODUCER, parent=fail, attributes=message("order-17"))
    story.add("process", again, at=7, kind=CONSUMER, parent=back, attributes=message("order-17"))
    collector.tell(story)
    event = str(event_of("order-17"))

    for focus in (event, str(foreign(fail)), str(foreign(again))):
        edges = {(edge.cause, edge.effect) for edge in client.causality(focus, direction="effects").edges}
        assert edges <= {(event, str(foreign(each))) for each in (fail, again)}
    assert len(client.causality(event).edges) == 2
    assert client.node(event).causes == []


def test_a_message_that_comes_back_by_way_of_others_was_led_by_them(
    collector: LiveCollector, client: CollectorClient
) -> None:
    """One id sent to a, b, c and a again, as a ring of retries does: who takes it last has all of them as causes."""
    story, last = Story(), None
    for number, channel in enumerate("abca"):
        send, take = place("t", f"send {number}"), place("t", f"take {number}")
        about: dict[str, Value] = {semconv.EVENT_ID: "17", semconv.CHANNEL: channel}
        story.add("send", send, at=10 * number, kind=PRODUCER, parent=last, attributes=about)
        story.add("process", take, at=10 * number + 5, kind=CONSUMER, parent=send, attributes=about)
        last = take
    collector.tell(story)
    graph = client.causality(str(foreign(place("t", "take 3"))), direction="causes")
    found = {node.id for node in graph.nodes}
    assert {str(event_of("17", "", channel)) for channel in "abc"} <= found
    assert {str(foreign(place("t", f"take {number}"))) for number in range(4)} <= found
    (first,) = client.causality(str(foreign(place("t", "take 0"))), direction="causes").edges
    assert first.cause == str(event_of("17", "", "a"))


def test_spans_that_claim_each_other_make_no_circle(collector: LiveCollector, client: CollectorClient) -> None:
    """Links that go both ways, and parents that name each other: the earlier one is the cause."""
    story = Story()
    early, late, above, below = place("a", "early"), place("b", "late"), place("c", "above"), place("c", "below")
    story.add("late", late, at=9, links=[early])
    story.add("early", early, links=[late])
    story.add("above", above, at=1, parent=below)
    story.add("below", below, at=2, parent=above)
    collector.tell(story)

    for first, second in ((early, late), (above, below)):
        for focus in (first, second):
            (edge,) = client.causality(str(foreign(focus))).edges
            assert (edge.cause, edge.effect) == (str(foreign(first)), str(foreign(second)))


@pytest.mark.parametrize("ours_first", [True, False])
def test_a_message_of_others_on_a_channel_of_ours_has_the_id_that_the_runtime_gives(
    collector: LiveCollector, client: CollectorClient, ours_first: bool
) -> None:
    """Whichever comes first: the producer of others, or the delivery of ours."""
    ours, theirs = Story(), Story()
    theirs.add("send", place("a", "send"), kind=PRODUCER, attributes=message("order-17", channel=str(ours_first)))
    event, delivery = identity.foreign_event_id("/shop", "order-17"), uid(f"delivery {ours_first}")
    about = {semconv.CHANNEL: str(ours_first), semconv.GROUP: "mail", semconv.EVENT_ID: str(event)}
    ours.node(NodeKind.DELIVERY, delivery, "process", place("b", "process"), cause=event, more=about)
    for story in (ours, theirs) if ours_first else (theirs, ours):
        collector.tell(story)

    assert {(edge.cause, edge.effect) for edge in client.causality(str(delivery)).edges} == {
        (str(event), str(delivery))
    }
    assert [(each.event_id, len(each.deliveries)) for each in client.events(channel=str(ours_first)).items] == [
        (str(event), 1)
    ]


def test_a_ring_across_traces_leads_to_who_takes_it_last(collector: LiveCollector, client: CollectorClient) -> None:
    """As above, where each receiver begins a trace of its own, by a link to the send."""
    story, last = Story(), None
    for number, channel in enumerate("abca"):
        send, take = place(f"t{number}", f"send {number}"), place(f"t{number + 1}", f"take {number}")
        about: dict[str, Value] = {semconv.EVENT_ID: "17", semconv.CHANNEL: channel}
        story.add("send", send, at=10 * number, kind=PRODUCER, parent=last, attributes=about)
        story.add("process", take, at=10 * number + 5, kind=CONSUMER, links=[send], attributes=about)
        last = take
    collector.tell(story)
    taken = [str(foreign(place(f"t{number + 1}", f"take {number}"))) for number in range(4)]
    events = [str(event_of("17", "", channel)) for channel in "abc"]

    found = {node.id for node in client.causality(taken[-1], direction="causes").nodes}
    assert {*events, *taken} <= found
    assert {node.id for node in client.causality(events[0], direction="effects").nodes} >= {*events, *taken}
    (first,) = client.causality(taken[0], direction="causes").edges
    assert first.cause == events[0]
