"""A group that keeps an order, over several workers: each key in order, keys beside each other."""

import json
from collections import defaultdict
from typing import Any

import pytest

from runtime import App, Context, Event, Retry
from runtime.bus.keys import ChannelKeys
from runtime.settings import Settings
from runtime.testing import Recorder
from runtime.worker.worker import Worker
from tests.contract.made import outgoing
from tests.crowd import Crowd
from tests.waiting import until

pytestmark = pytest.mark.redis

KEYS = 4
EVENTS = 60


class Books:
    """An app whose handler notes what it is given, and fails now and then."""

    def __init__(self, settings: Settings, facts: Recorder, retry: Retry | None = None, least: int = 1) -> None:
        self.app = App("shop", settings=settings, observer=facts)
        self.seen: dict[int, list[int]] = defaultdict(list)
        self.running: set[int] = set()
        self.crowd = Crowd(least)
        self.failing = {3, 17, 40}
        patient = retry or Retry(attempts=3, first_delay=0.05, max_delay=0.05)
        self.app.subscribe("paid", group="books", order_by="order", retry=patient)(self.enter)

    async def enter(self, event: Event[dict[str, int]]) -> None:
        order, number = event.data["order"], event.data["number"]
        assert order not in self.running, "two of a key are under way"
        self.running.add(order)
        async with self.crowd.joined():
            await self.app.session.bus.count_pending("paid", "books")  # others may come meanwhile
        self.running.remove(order)
        if number in self.failing:
            self.failing.remove(number)
            raise OSError("no route")
        self.seen[order].append(number)

    async def publish(self, numbers: range) -> None:
        for number in numbers:
            await self.app.publish("paid", {"order": number % KEYS, "number": number})


async def test_each_key_is_handled_in_order_by_two_workers(settings: Settings, facts: Recorder):
    """Also around what fails and is tried again; different keys run beside each other."""
    books = Books(settings, facts, least=KEYS)
    async with books.app as app:
        other = Worker(app.session)
        await other.start()
        try:
            await books.publish(range(EVENTS))
            await until(lambda: sum(map(len, books.seen.values())) == EVENTS, "all are entered")
        finally:
            await other.stop(5)
    assert books.seen == {key: [*range(key, EVENTS, KEYS)] for key in range(KEYS)}
    assert books.crowd.most == KEYS


async def test_an_event_that_is_given_up_lets_the_others_of_its_key_go_on(settings: Settings, facts: Recorder):
    """In their order."""
    books = Books(settings, facts, Retry(attempts=1))
    async with books.app:
        await books.publish(range(20))
        await until(lambda: sum(map(len, books.seen.values())) == 18, "all but two are entered")
    assert books.seen[3] == [7, 11, 15, 19]
    assert books.seen[1] == [1, 5, 9, 13]


async def test_leaving_waits_for_what_waits_behind_others(settings: Settings, facts: Recorder):
    """It is due as soon as the one before it is done."""
    books = Books(settings, facts)
    books.failing = set()
    async with books.app:
        for number in range(20):
            await books.app.publish("paid", {"order": 0, "number": number})
    assert books.seen[0] == [*range(20)]


async def test_a_group_whose_data_is_lost_goes_on_in_order(settings: Settings, facts: Recorder):
    """It is made again."""
    books = Books(settings, facts)
    books.failing = set()
    async with books.app as app:
        await books.publish(range(8))
        await until(lambda: sum(map(len, books.seen.values())) == 8, "all are entered")
        await app.session.server.client.flushall()
        await books.publish(range(8, 16))
        await until(lambda: sum(map(len, books.seen.values())) == 16, "all are entered")
    assert books.seen == {key: [*range(key, 16, KEYS)] for key in range(KEYS)}


async def test_it_is_said_for_how_long_one_event_may_hold_up_its_key(
    settings: Settings, facts: Recorder, caplog: pytest.LogCaptureFixture
):
    """When a worker starts: attempts and delays together."""
    books = Books(settings, facts, Retry(attempts=4, first_delay=1, max_delay=3))
    with caplog.at_level("INFO", "causeline.worker"):
        async with books.app:
            pass
    assert "an event of group books that fails holds up the others of its order for up to 6 s" in caplog.text


async def test_what_was_published_for_an_earlier_event_of_the_key_goes_in_first(settings: Settings, facts: Recorder):
    """Its worker has committed it, and died before it was carried: what comes after does not overtake it."""
    app = App("shop", settings=settings, observer=facts)

    @app.subscribe("paid", group="books", order_by="order")
    def enter(event: Event[dict[str, int]], ctx: Context) -> None:
        ctx.publish("entered", event.data["number"])

    async with app.client():
        for number in (1, 2):
            await app.publish("paid", {"order": 0, "number": number})
        bus = app.session.bus
        assert await bus.sort("paid", "books", "order", 1)
        (first,) = await bus.read_turns("paid", "books", "gone", 1, 1)
        await bus.begin(first, "gone", 7, isolated=False, kills=3, vanishings=5)
        assert await bus.ack(first, "gone", [outgoing(50, "entered")], {})
        async with app:
            entries = await until(lambda: _entered(app), "both are in the channel")
    assert entries == [{"parcel": 50}, 2]


async def _entered(app: App) -> list[Any]:
    found = await app.session.server.client.xrange(ChannelKeys("entered").stream)
    return [json.loads(fields[b"e"])["data"] for _, fields in found] if len(found) == 2 else []
