"""What goes to a real RabbitMQ, and what has died there: done when it is confirmed, replayed to where it died."""

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest

from runtime import App, Breaker, Event, Retry
from runtime.admin import Admin
from runtime.bus.records import DeadLetter
from runtime.causality.trace_context import TraceContext
from runtime.errors import SettingsError
from runtime.facts import DeliveryBegun, EventPublished
from runtime.rabbitmq.driver import PikaBroker
from runtime.semconv import DeadLetterReason
from runtime.settings import Settings
from runtime.testing import Recorder
from tests.rabbit_servers import LARGEST, READER, RabbitServer
from tests.stranger import Stranger
from tests.waiting import until

ONCE = Retry(attempts=1)


@pytest.fixture
def settings(settings: Settings, rabbit_server: RabbitServer) -> Settings:
    return settings.model_copy(update={"rabbitmq_url": rabbit_server.url})


@pytest.fixture
def app(settings: Settings, facts: Recorder) -> App:
    return App("shop", settings=settings, observer=facts)


async def test_an_event_arrives_as_a_cloud_event_with_its_causes(app: App, facts: Recorder, stranger: Stranger) -> None:
    """Binary mode, persistent, with the span and the delivery that sent it."""
    queue = await stranger.queue()
    exchange = await stranger.exchange(queue, "sent")
    app.rabbitmq.outbound(channel="shipments", exchange=exchange, routing_key="sent")
    async with app:
        event = await app.publish("shipments", {"n": 1, "to": "Köln"}, subject="order 7")
        message = await stranger.taken(queue)
    (published,), (delivery,) = facts.of(EventPublished), facts.of(DeliveryBegun)
    assert json.loads(message.body) == {"n": 1, "to": "Köln"}
    assert (message.content_type, message.message_id, message.type) == ("application/json", str(event), "shipments")
    assert (message.app_id, message.delivery_mode) == ("shop", 2)
    headers = {name.removeprefix("cloudEvents:"): value for name, value in message.headers.items()}
    assert (
        headers.items()
        >= {
            "specversion": "1.0",
            "id": str(event),
            "source": "shop",
            "type": "shipments",
            "subject": "order 7",
            "correlationid": str(published.correlation_id),
            "causenode": str(delivery.node_id),
        }.items()
    )
    sent_by = TraceContext.parse(str(message.headers["traceparent"]))
    assert sent_by is not None
    assert sent_by.trace_id == delivery.span.trace_id
    assert delivery.group == f"rabbitmq.{exchange}"


async def test_across_the_bridge_and_back_cause_and_effect_are_two(
    app: App, facts: Recorder, stranger: Stranger
) -> None:
    """What comes in is an event of its own, caused by the delivery that sent it out."""
    queue = await stranger.queue()
    app.rabbitmq.outbound(channel="shipments", exchange="", routing_key=queue)
    app.rabbitmq.inbound(queue=queue, channel="arrivals")
    seen: list[Event[Any]] = []

    @app.subscribe("arrivals", group="books")
    async def enter(event: Event[Any]) -> None:
        seen.append(event)

    async with app:
        event = await app.publish("shipments", [1])
        await until(lambda: seen, "it is back")
    sent = next(fact for fact in facts.of(DeliveryBegun) if fact.channel == "shipments")
    assert seen[0].id != event
    assert seen[0].causation_id == sent.node_id
    assert sent.causation_id == event
    assert len({seen[0].correlation_id, sent.correlation_id}) == 1
    assert {fact.span.trace_id for fact in facts.facts} == {sent.span.trace_id}


async def test_an_event_that_comes_back_to_its_own_channel_goes_round_once(app: App, stranger: Stranger) -> None:
    """It is known there: out again it does not go."""
    queue = await stranger.queue()
    app.rabbitmq.outbound(channel="round", exchange="", routing_key=queue)
    app.rabbitmq.inbound(queue=queue, channel="round")
    seen: list[UUID] = []

    @app.subscribe("round", group="books")
    async def enter(event: Event[Any]) -> None:
        seen.append(event.id)

    async with app:
        events = [await app.publish("round", number) for number in range(3)]
        await until(lambda: len(seen) == 3, "all are handled")
        await app.drain(10)

        async def all_came_back() -> bool:
            return await stranger.count(queue) == 0

        await until(all_came_back, "all came back")
    assert sorted(seen) == sorted(events)


async def test_a_message_that_no_queue_gets_is_a_dead_letter_that_says_so_and_is_replayed(
    app: App, admin: Admin, stranger: Stranger
) -> None:
    """Once somebody has bound a queue, a replay brings it there."""
    exchange = await stranger.exchange()
    app.rabbitmq.outbound(channel="shipments", exchange=exchange, retry=ONCE)
    async with app:
        await app.publish("shipments", 1)
        letter = await _letter(admin)
        assert (letter.error_type, letter.reason) == ("UnroutableError", DeadLetterReason.MAX_ATTEMPTS)
        assert f"no queue is bound to exchange '{exchange}' for routing key 'shipments'" in letter.message
        queue = await stranger.queue()
        await stranger.bind(queue, exchange, "shipments")
        await admin.replay([letter.id], "ada")
        assert (await stranger.taken(queue)).message_id == str(letter.event_id)


async def test_a_message_that_is_too_large_is_given_up_at_once_and_opens_no_breaker(
    app: App, admin: Admin, stranger: Stranger
) -> None:
    """No other attempt can help it, and no other message suffers."""
    queue = await stranger.queue()
    app.rabbitmq.outbound(channel="shipments", exchange="", routing_key=queue, breaker=Breaker("b", failures=1))
    async with app:
        await app.publish("shipments", "x" * LARGEST)
        letter = await _letter(admin)
        assert (letter.error_type, letter.reason) == ("MessageRefusedError", DeadLetterReason.NON_RETRYABLE)
        await app.publish("shipments", "small")
        assert json.loads((await stranger.taken(queue)).body) == "small"


async def test_while_the_exchange_is_not_there_events_wait_and_go_when_it_is(
    settings: Settings, app: App, admin: Admin, stranger: Stranger
) -> None:
    """The breaker opens: no attempt is used up, and none goes dead."""
    name, queue = "x.not.there.yet", await stranger.queue()
    breaker = Breaker("shipping", failures=1, cooldown=0.3)
    app.rabbitmq.outbound(channel="shipments", exchange=name, routing_key="k", breaker=breaker)
    async with app:
        for number in range(20):
            await app.publish("shipments", number)

        async def is_open() -> bool:
            return any(one.state != "closed" and "has no exchange" in one.why for one in await admin.breakers())

        await until(is_open, "the breaker is open, and says why")
        await stranger._channel.declare_exchange(name, durable=True)
        await stranger.bind(queue, name, "k")
        arrived = {json.loads((await stranger.taken(queue)).body) for _ in range(20)}
    assert arrived == set(range(20))
    assert (await admin.dead_letters()).items == ()


async def test_without_the_right_to_write_the_attempt_says_which_right(
    settings: Settings, facts: Recorder, admin: Admin, rabbit_server: RabbitServer
) -> None:
    """And no password."""
    barred = settings.model_copy(update={"rabbitmq_url": rabbit_server.url_of(READER)})
    app = App("shop", settings=barred, observer=facts)
    app.rabbitmq.outbound(channel="shipments", exchange="", routing_key="q", retry=ONCE)
    async with app:
        await app.publish("shipments", 1)
        letter = await _letter(admin)
    assert "does not allow user reader that (access to exchange" in letter.message
    assert rabbit_server.url_of(READER).split(":")[2].split("@")[0] not in str(letter)


async def test_a_message_that_died_is_a_letter_of_ours_and_goes_back_to_where_it_died(
    app: App, admin: Admin, stranger: Stranger
) -> None:
    """The same bytes and headers; twice asked for, it is sent once; its queue is empty."""
    dead = await stranger.queue()
    work = await stranger.dying_queue(dead)
    app.rabbitmq.dead_letters(queue=dead)
    async with app:
        await stranger.send(
            work, b'{"a":  1}', message_id="7", headers={"x": bytearray(b"\xff")}, priority=3, type="order"
        )
        await stranger.reject(work)
        letter = await _letter(admin)
        assert (letter.channel, letter.group, letter.reason) == (dead, f"rabbitmq.{dead}", "non_retryable")
        assert letter.message.startswith(f"RabbitMQ: a consumer of queue {work} rejected it; the last time at 20")
        assert json.loads(letter.envelope)["data"]["body"] == '{"a":  1}'
        assert await stranger.count(dead) == 0
        statuses = await asyncio.gather(*(admin.replay([letter.id], "ada") for _ in range(4)))
        assert sorted(one.status for (one,) in statuses) == ["already_settled"] * 3 + ["replayed"]
        message = await stranger.taken(work)
        assert (message.body, message.message_id, message.priority) == (b'{"a":  1}', "7", 3)
        assert {name: message.headers.get(name) for name in ("x", "x-death", "x-causeline-replays")} == {
            "x": bytearray(b"\xff"),
            "x-death": None,
            "x-causeline-replays": 1,
        }
        await app.drain(10)
    assert await stranger.count(work) == 0


async def test_a_message_that_dies_again_is_another_letter(app: App, admin: Admin, stranger: Stranger) -> None:
    """It has been tried once more, and says how often it was sent."""
    dead = await stranger.queue()
    work = await stranger.dying_queue(dead)
    app.rabbitmq.dead_letters(queue=dead)
    async with app:
        await stranger.send(work, 1, message_id="7")
        await stranger.reject(work)
        first = await _letter(admin)
        await admin.replay([first.id], "ada")
        await stranger.reject(work)
        second = await _letter(admin, other_than=first)
    assert second.event_id != first.event_id
    assert json.loads(second.envelope)["data"]["headers"]["x-causeline-replays"] == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [({"message_ttl": 50}, "expired"), ({"max_length": 0}, "overflow"), ({"delivery_limit": 0}, "max_attempts")],
)
async def test_the_reason_of_a_death_is_rabbitmqs(
    app: App, admin: Admin, stranger: Stranger, arguments: dict[str, int], reason: str
) -> None:
    """As `x-death` has it."""
    dead = await stranger.queue()
    kind = {"queue_type": "classic"} if "max_length" in arguments else {}
    work = await stranger.queue(dead_letter_exchange="", dead_letter_routing_key=dead, **arguments, **kind)
    app.rabbitmq.dead_letters(queue=dead)
    async with app:
        await stranger.send(work, 1, message_id="7")
        if reason == "max_attempts":
            message = await stranger.take(work)
            await message.reject(requeue=True)
        assert (await _letter(admin)).reason == reason


async def test_a_letter_whose_queue_is_gone_comes_back_and_says_so(app: App, admin: Admin, stranger: Stranger) -> None:
    """It is not lost: once the queue is there again, it can be replayed again."""
    dead = await stranger.queue()
    work = await stranger.dying_queue(dead)
    app.rabbitmq.dead_letters(queue=dead, retry=ONCE)
    async with app:
        await stranger.send(work, 1, message_id="7")
        await stranger.reject(work)
        first = await _letter(admin)
        await stranger.remove(work)
        await admin.replay([first.id], "ada")
        second = await _letter(admin, other_than=first)
        assert (second.event_id, second.round) == (first.event_id, 1)
        assert f"there is no queue '{work}'" in second.message
        await stranger.queue(work)
        await admin.replay([second.id], "ada")
        assert (await stranger.taken(work)).message_id == "7"


async def test_an_event_of_ours_that_died_elsewhere_is_caused_by_the_delivery_that_sent_it(
    app: App, facts: Recorder, admin: Admin, stranger: Stranger
) -> None:
    """From the event to its letter the causes are unbroken, and so is its correlation."""
    dead = await stranger.queue()
    work = await stranger.dying_queue(dead)
    app.rabbitmq.outbound(channel="shipments", exchange="", routing_key=work)
    app.rabbitmq.dead_letters(queue=dead)
    async with app:
        event = await app.publish("shipments", 1)
        await stranger.reject(work)
        letter = await _letter(admin)
    sent = next(fact for fact in facts.of(DeliveryBegun) if fact.channel == "shipments")
    died = next(fact for fact in facts.of(EventPublished) if fact.channel == dead)
    assert (died.node_id, died.causation_id, sent.causation_id) == (letter.event_id, sent.node_id, event)
    assert died.correlation_id == sent.correlation_id == letter.correlation_id


async def test_a_program_that_only_publishes_needs_no_broker_and_a_worker_does(
    settings: Settings, facts: Recorder
) -> None:
    """It has nothing to send there itself."""
    app = App("shop", settings=settings.model_copy(update={"rabbitmq_url": None}), observer=facts)
    app.rabbitmq.outbound(channel="shipments", exchange="x")
    async with app.client():
        await app.publish("shipments", 1)
    with pytest.raises(SettingsError, match="CAUSELINE_RABBITMQ_URL is not set: set it to amqp://user:password@host"):
        async with app:
            pass


async def test_a_session_closes_its_connection(app: App, stranger: Stranger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever ends in order leaves nothing behind on the server."""
    queue, closed = await stranger.queue(), []
    app.rabbitmq.outbound(channel="shipments", exchange="", routing_key=queue)
    close = PikaBroker.close

    async def noted(self: PikaBroker) -> None:
        connection = self._connection
        await close(self)
        closed.append(connection is not None and connection.is_closed)

    monkeypatch.setattr(PikaBroker, "close", noted)
    async with app:
        await app.publish("shipments", 1)
        await stranger.taken(queue)
    assert closed == [True]


async def _letter(admin: Admin, other_than: DeadLetter | None = None) -> DeadLetter:
    async def found() -> DeadLetter | None:
        letters = (await admin.dead_letters()).items
        return next((one for one in letters if other_than is None or one.id != other_than.id), None)

    return await until(found, "a dead letter")
