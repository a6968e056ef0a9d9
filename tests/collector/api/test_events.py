"""Events by how those stand who received them."""

from itertools import product
from typing import get_args

import pytest

from collector.causality import status
from collector.client import CollectorClient
from collector.models import EventStanding
from collector.store.database import Database
from runtime.semconv import CallOutcome, NodeKind
from tests.collector.live import LiveCollector
from tests.collector.shipment import Shipment
from tests.collector.story import CONSUMER, PRODUCER, Story, Value, place, uid


@pytest.fixture
def events(collector: LiveCollector) -> dict[str, str]:
    """A shipment's event, one that nobody received, and one that another program failed at."""
    shipment, story = Shipment(), Story()
    story.node(NodeKind.EVENT, uid("alone"), "publish", place("t", "alone"), span_kind=PRODUCER)
    about: dict[str, Value] = {"messaging.message.id": "m-1", "messaging.destination.name": "orders"}
    story.add("send", place("f", "send"), kind=PRODUCER, attributes=about)
    story.add("receive", place("f", "receive"), kind=CONSUMER, attributes=about, failed="no room", at=5)
    collector.tell(shipment.story, story)
    return {"shipment": str(shipment.event), "alone": str(uid("alone"))}


def test_events_are_listed_by_how_their_groups_stand(client: CollectorClient, events: dict[str, str]) -> None:
    """In their newest round: `sms` was replayed and went well. With pages, and of all time."""

    def found(wanted: EventStanding) -> list[str]:
        return [event.event_id for event in client.events(status=wanted).items]

    assert found("ok") == [events["shipment"]]
    assert found("unreceived") == [events["alone"]]
    assert len(found("failed")) == 1
    assert {*found("failed")}.isdisjoint(events.values())
    for nobody in ("dead", "replayed", "running", "retrying"):
        assert found(nobody) == []
    for event in client.events(status="failed").items:
        assert "failed" in [delivery.status for delivery in event.deliveries]
    assert client.events(status="ok").window is None
    assert client.events(status="ok", channel="nobody's").items == []


def test_every_word_of_the_list_is_a_filter_and_means_the_same(database: Database) -> None:
    """The store tells a status in SQL, the list in Python."""
    outcomes = (None, "ok", "retry", "lost", "failed", "cancelled", "dead_letter", "duplicate", "stale", "expired")
    of_steps = ("skipped", "moved", "spread", "gathered", "waiting")
    words = set()
    with database.reading() as session:
        for outcome in (*outcomes, *of_steps):
            for settled in (None, NodeKind.REPLAY, NodeKind.DISCARD):
                for running in (True, False):
                    row = session._cursor.execute(
                        "SELECT delivery_status($1, $2, $3)", [outcome, settled, running]
                    ).fetchone()
                    assert row == (status.of_settled(outcome, settled, running=running),)
                    words |= {row[0]} if outcome in outcomes else set()
        for code, ended in product(range(3), (None, "ok", "retry", "failed", "cancelled", "waiting", *CallOutcome)):
            row = session._cursor.execute("SELECT foreign_status($1, $2)", [code, ended]).fetchone()
            assert row == (status.of_span(code, ended),)
    assert words == {*get_args(EventStanding)} - {"unreceived"}
