"""Delayed and expiring events, as an app's tests see them: hours pass in no time."""

from typing import Any

import pytest

from runtime import App, Context, Event, Retry
from runtime.facts import AttemptEnded, DeadLettered, DeliveryBegun, EventPublished
from runtime.semconv import DeliveryOutcome
from runtime.testing import Recorder, harness

pytestmark = pytest.mark.redis

HOUR = 3600.0


class Shop:
    """An app that reminds of what nobody has paid; its mail may be away."""

    def __init__(self) -> None:
        self.app = App("shop")
        self.seen: list[Any] = []
        self.away = 0
        self.order = self.app.workflow("order", number=int)
        self.order.step(name="place")(self._place)
        patient = Retry(attempts=3, first_delay=2 * HOUR, max_delay=2 * HOUR)
        self.app.subscribe("reminders", group="mail", retry=patient)(self._mail)

    def _place(self, number: int, context: Context) -> None:
        context.publish("reminders", number, delay=HOUR, expires=1.5 * HOUR)

    def _mail(self, event: Event[int]) -> None:
        if self.away:
            self.away -= 1
            raise OSError("no route")
        self.seen.append(event.data)


def ends(facts: Recorder) -> list[tuple[int, AttemptEnded | None]]:
    """Attempts at deliveries, and how each ended."""
    return [(one.begun.attempt, one.ended) for one in facts.attempts if isinstance(one.begun, DeliveryBegun)]


async def test_an_event_comes_when_its_delay_is_over():
    """Published at once in the picture, caused by its step; nobody gets it before its time."""
    shop = Shop()
    async with harness(shop.app) as tested:
        run = await tested.start(shop.order, number=7)
        await run.result()
        await tested.settle()
        await tested.turn(HOUR / 2)
        await tested.settle()
        assert shop.seen == []
        await tested.turn(HOUR / 2 + 1)
        await tested.settle()
        assert shop.seen == [7]
        (published,), (begun,) = tested.facts.of(EventPublished), tested.facts.of(DeliveryBegun)
        assert (begun.causation_id, begun.correlation_id) == (published.node_id, run.correlation_id)


async def test_an_event_that_has_expired_is_seen_and_nobody_is_given_it():
    """One attempt with the outcome `expired`, and no dead letter."""
    shop = Shop()
    async with harness(shop.app) as tested:
        await tested.run(shop.order, number=7)
        tested.clock.turn(2 * HOUR)
        await tested.turn(HOUR)
        await tested.settle()
        assert shop.seen == []
        ((number, ended),) = ends(tested.facts)
        assert ended is not None
        assert (number, ended.outcome, ended.error) == (1, DeliveryOutcome.EXPIRED, None)
        assert tested.facts.of(DeadLettered) == []


async def test_an_event_may_expire_while_it_waits_for_another_attempt():
    """Each attempt looks anew: what failed in time is not tried again too late."""
    shop = Shop()
    shop.away = 1
    async with harness(shop.app) as tested:
        await tested.run(shop.order, number=7)
        for _ in range(2):
            await tested.turn(HOUR + 1)
            await tested.settle()
        await tested.turn(2 * HOUR)
        await tested.settle()
        outcomes = [(number, ended.outcome) for number, ended in ends(tested.facts) if ended]
        assert outcomes == [(1, DeliveryOutcome.RETRY), (2, DeliveryOutcome.EXPIRED)]
        assert (shop.seen, tested.facts.of(DeadLettered)) == ([], [])


async def test_from_outside_an_event_is_held_back_too():
    """Also where it is published inside of a handler through the app."""
    shop = Shop()

    @shop.app.subscribe("orders")
    async def order(number: int) -> None:
        await shop.app.publish("reminders", number + 1, delay=HOUR)

    async with harness(shop.app) as tested:
        await shop.app.publish("reminders", 1, delay=HOUR)
        await shop.app.publish("orders", 1)
        await tested.settle()
        assert shop.seen == []
        await tested.turn(HOUR + 1)
        await tested.settle()
        assert sorted(shop.seen) == [1, 2]
