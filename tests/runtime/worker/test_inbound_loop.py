"""Messages of a real RabbitMQ's queue become events: each is acknowledged once it is recorded, and not before."""

import asyncio
import json
import logging
from typing import Any
from uuid import UUID, uuid4

import pytest
from aio_pika.exceptions import ChannelClosed

from runtime import App, Event
from runtime.bus.keys import keys_of
from runtime.bus.redis import RedisBus
from runtime.causality.trace_context import TraceContext
from runtime.errors import CommandRefusedError, ServerUnavailableError
from runtime.facts import DeliveryBegun, EventPublished
from runtime.rabbitmq.contract import UnackedMessage
from runtime.settings import Settings
from runtime.testing import Recorder
from runtime.transfers import Transfer
from runtime.worker import inbound_loop
from runtime.worker.inbound_loop import InboundLoop
from runtime.worker.worker import Worker
from tests.rabbit_servers import RabbitServer
from tests.stranger import Stranger
from tests.waiting import until

CHANNEL = "incoming"


@pytest.fixture
def settings(settings: Settings, rabbit_server: RabbitServer) -> Settings:
    return settings.model_copy(update={"rabbitmq_url": rabbit_server.url})


class Reader:
    """An app that reads a queue, and notes what comes of it."""

    def __init__(self, settings: Settings, facts: Recorder, queue: str, **options: Any) -> None:
        self.app = App("shop", settings=settings, observer=facts)
        self.app.rabbitmq.inbound(queue=queue, channel=CHANNEL, **options)
        self.seen: list[Any] = []
        self.ids: list[UUID] = []

        @self.app.subscribe(CHANNEL, group="books")
        async def enter(event: Event[Any]) -> None:
            self.seen.append(event.data)
            self.ids.append(event.id)


async def test_messages_become_events_in_their_order_and_are_acknowledged(
    settings: Settings, facts: Recorder, stranger: Stranger
) -> None:
    """JSON, text and bytes: whatever there is in them."""
    queue = await stranger.queue()
    bodies = [{"n": 1}, b"plain", b"\xff", {"n": 2}]
    for number, body in enumerate(bodies):
        await stranger.send(queue, body, message_id=str(number))
    reader = Reader(settings.model_copy(update={"concurrency": 1}), facts, queue)
    async with reader.app:
        await until(lambda: len(reader.seen) == len(bodies), "all are handled")
    assert reader.seen == [{"n": 1}, "plain", {"data_base64": "/w=="}, {"n": 2}]
    await _is_empty(stranger, queue)


async def test_a_message_that_comes_again_is_the_same_event(
    settings: Settings, facts: Recorder, stranger: Stranger
) -> None:
    """Recorded, and then its acknowledgement was lost: no group is owed it twice."""
    queue = await stranger.queue()
    reader = Reader(settings, facts, queue)
    async with reader.app:
        for _ in range(3):
            await stranger.send(queue, {"n": 1}, message_id="7")
        await stranger.send(queue, {"n": 2}, message_id="8")
        await until(lambda: {"n": 2} in reader.seen, "the last is handled")
    assert reader.seen == [{"n": 1}, {"n": 2}]
    published = facts.of(EventPublished)
    assert len({fact.span for fact in published}) == len({fact.node_id for fact in published}) == 2
    await _is_empty(stranger, queue)


async def test_spans_of_a_message_hang_below_the_one_that_sent_it(
    settings: Settings, facts: Recorder, stranger: Stranger, rabbit_server: RabbitServer
) -> None:
    """Received, published, processed: in the stranger's trace, by OpenTelemetry's words for RabbitMQ."""
    queue = await stranger.queue()
    exchange = await stranger.exchange(queue, "orders.new")
    sender = TraceContext(0x11111111111111111111111111111111, 0x2222222222222222)
    reader = Reader(settings, facts, queue)
    async with reader.app:
        traced = {"traceparent": sender.traceparent}
        await stranger.publish(exchange, "orders.new", b"[1]", message_id="7", headers=traced)
        await until(lambda: reader.seen, "it is handled")
    (receipt,), (event,), (delivery,) = facts.of(Transfer), facts.of(EventPublished), facts.of(DeliveryBegun)
    assert (receipt.parent, receipt.links) == (sender, (sender,))
    assert (receipt.system, receipt.destination) == ("rabbitmq", f"{exchange}:orders.new:{queue}")
    assert (receipt.message_id, receipt.size, receipt.port) == ("7", 3, rabbit_server.port)
    assert event.parent == receipt.span
    assert delivery.parent == event.span
    assert {fact.span.trace_id for fact in (receipt, event, delivery)} == {sender.trace_id}
    assert receipt.correlation_id == event.correlation_id == delivery.correlation_id


async def test_a_message_without_an_id_is_said_to_be_another_event_each_time(
    settings: Settings, facts: Recorder, stranger: Stranger, caplog: pytest.LogCaptureFixture
) -> None:
    """Once, however many there are."""
    queue = await stranger.queue()
    reader = Reader(settings, facts, queue)
    async with reader.app:
        for _ in range(3):
            await stranger.send_nameless(queue, b'{"n": 1}')
        await until(lambda: len(reader.seen) == 3, "all are handled")
    assert len(set(reader.ids)) == 3
    said = [record for record in caplog.records if "have no message_id and are not CloudEvents" in record.getMessage()]
    assert len(said) == 1


async def test_while_the_bus_takes_nothing_messages_wait_and_none_is_acknowledged(
    settings: Settings,
    facts: Recorder,
    stranger: Stranger,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is said once, and when the bus is back they are recorded, in their order."""
    queue = await stranger.queue()
    monkeypatch.setattr(inbound_loop, "REST_AFTER_ERROR", 0.02)
    publish, tries = RedisBus.publish, [0]

    async def away(self: RedisBus, *given: Any, **more: Any) -> Any:
        tries[0] += 1
        if tries[0] <= 12:
            raise ServerUnavailableError("the server is away")
        return await publish(self, *given, **more)

    monkeypatch.setattr(RedisBus, "publish", away)
    for number in range(3):
        await stranger.send(queue, number, message_id=str(number))
    reader = Reader(settings.model_copy(update={"concurrency": 1}), facts, queue)
    async with reader.app:
        await until(lambda: len(reader.seen) == 3, "all are handled")
    assert reader.seen == [0, 1, 2]
    said = [record for record in caplog.records if "waits: the server is away" in record.getMessage()]
    assert len(said) == 1


async def test_what_comes_to_the_bus_before_the_one_that_it_is_behind_waits_for_that_alone(
    settings: Settings,
    facts: Recorder,
    stranger: Stranger,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each goes by whichever connection is free: that is no trouble, and nobody is told of one."""
    queue = await stranger.queue()
    monkeypatch.setattr(inbound_loop, "REST_AFTER_ERROR", 30.0)
    publish, overtaking = RedisBus.publish, asyncio.Event()

    async def overtaken(self: RedisBus, envelope: Any, **more: Any) -> Any:
        if more.get("behind") is None:
            await overtaking.wait()
            return await publish(self, envelope, **more)
        try:
            return await publish(self, envelope, **more)
        finally:
            overtaking.set()

    monkeypatch.setattr(RedisBus, "publish", overtaken)
    for number in range(3):
        await stranger.send(queue, number, message_id=str(number))
    reader = Reader(settings.model_copy(update={"concurrency": 1}), facts, queue)
    async with reader.app:
        await until(lambda: len(reader.seen) == 3, "all are handled")
    assert reader.seen == [0, 1, 2]
    assert "waits:" not in caplog.text


async def test_a_channel_that_is_full_leaves_messages_in_their_queue(
    settings: Settings, facts: Recorder, stranger: Stranger, caplog: pytest.LogCaptureFixture
) -> None:
    """More than a worker holds stay with RabbitMQ; as soon as there is room they come, in their order."""
    queue = await stranger.queue()
    small = settings.model_copy(update={"stream_cap": 2, "concurrency": 1})
    app = App("shop", settings=small, observer=facts)
    app.rabbitmq.inbound(queue=queue, channel=CHANNEL, prefetch=3)
    seen: list[int] = []
    gate = asyncio.Event()

    @app.subscribe(CHANNEL, group="books")
    async def enter(number: int) -> None:
        await gate.wait()
        seen.append(number)

    async with app:
        for number in range(8):
            await stranger.send(queue, number, message_id=str(number))
        await until(lambda: "takes no more" in caplog.text, "the channel is full")
        assert await stranger.count(queue) >= 1
        gate.set()
        await until(lambda: len(seen) == 8, "all are handled", 60)
    assert seen == list(range(8))
    await _is_empty(stranger, queue)


async def test_a_message_that_can_not_be_recorded_stays_and_holds_nobody_up(
    settings: Settings,
    facts: Recorder,
    stranger: Stranger,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Too large, or refused by the bus: nobody else's business, and not lost."""
    queue = await stranger.queue()
    monkeypatch.setattr(inbound_loop, "LARGEST", 1000)
    publish = RedisBus.publish

    async def picky(self: RedisBus, envelope: Any, **more: Any) -> Any:
        if envelope.data == "refused":
            raise CommandRefusedError("the server refuses it")
        return await publish(self, envelope, **more)

    monkeypatch.setattr(RedisBus, "publish", picky)
    for number, body in enumerate((1, "x" * 1000, "refused", 2, 3)):
        await stranger.send(queue, body, message_id=str(number))
    reader = Reader(settings, facts, queue)
    async with reader.app:
        await until(lambda: {1, 2, 3} <= set(reader.seen), "the others are handled")
    assert sorted(reader.seen) == [1, 2, 3]
    assert f"a message of queue {queue} has 1002 bytes, more than 1000, and stays there" in caplog.text
    assert f"a message of queue {queue} can't be recorded, and stays there: the server refuses it" in caplog.text
    left = {json.loads((await stranger.taken(queue)).body) for _ in range(2)}
    assert left == {"x" * 1000, "refused"}


async def test_what_can_never_be_recorded_goes_to_the_dead_of_a_queue_that_is_declared(
    settings: Settings,
    facts: Recorder,
    stranger: Stranger,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is known to have a place for them: however many there are, they hold none of those up that can be recorded."""
    monkeypatch.setattr(inbound_loop, "LARGEST", 1000)
    recording = InboundLoop._build_recording

    def unread(self: InboundLoop, taken: UnackedMessage) -> Any:
        if taken.message.body == b'"strange"':
            raise RecursionError("nobody thought of it")
        return recording(self, taken)

    monkeypatch.setattr(InboundLoop, "_build_recording", unread)
    queue = f"q.{uuid4().hex[:8]}"
    reader = Reader(settings, facts, queue, prefetch=2, declare=True)
    large = ["x" * (1000 + number) for number in range(3)]
    async with reader.app:
        await until(lambda: _is_there(stranger, queue), "both queues are there")
        for number, body in enumerate((*large, "strange", 1, 2)):
            await stranger.send(queue, body, message_id=str(number))
        await until(lambda: {1, 2} <= set(reader.seen), "the others are handled")
    assert sorted(reader.seen) == [1, 2]
    dead = {json.loads((await stranger.taken(f"{queue}.dead")).body) for _ in range(4)}
    assert dead == {*large, "strange"}
    said = [record for record in caplog.records if record.levelno == logging.WARNING and "goes to" in record.message]
    too_large, strange = (record.message for record in said)  # of each kind once: a queue may be full of them
    assert too_large == (
        f"a message of queue {queue} has 1002 bytes, more than 1000, and goes to queue {queue}.dead: have its sender "
        "put elsewhere what is large"
    )
    assert strange == (
        f"a message of queue {queue} can't be read (RecursionError: nobody thought of it), and goes to queue "
        f"{queue}.dead: report it"
    )


async def test_a_queue_that_stands_still_because_of_what_stays_says_so_for_as_long_as_it_does(
    settings: Settings,
    facts: Recorder,
    stranger: Stranger,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """RabbitMQ gives a worker no more than its prefetch. Nothing is lost, nor kept from whoever comes after it."""
    queue = await stranger.queue()
    monkeypatch.setattr(inbound_loop, "TOLD_FOR", 0.02)
    monkeypatch.setattr(inbound_loop, "LARGEST", 1000)
    bodies = ["x" * 1000, "x" * 1001, 1]
    for number, body in enumerate(bodies):
        await stranger.send(queue, body, message_id=str(number))
    reader = Reader(settings, facts, queue, prefetch=2)
    async with reader.app:
        await until(lambda: caplog.text.count(f"queue {queue} stands still: this worker holds 2 messages of it") > 2)
    assert reader.seen == []
    assert [json.loads((await stranger.taken(queue)).body) for _ in bodies] == bodies


async def test_a_queue_that_is_not_there_yet_is_read_when_it_is(
    settings: Settings, facts: Recorder, stranger: Stranger, caplog: pytest.LogCaptureFixture
) -> None:
    """The worker goes on with all else; what it says tells what to do."""
    reader = Reader(settings, facts, "q.later.on")
    async with reader.app:
        await until(lambda: "has no queue 'q.later.on'" in caplog.text, "it is said")
        await stranger.queue("q.later.on")
        await stranger.send("q.later.on", 1, message_id="1")
        await until(lambda: reader.seen == [1], "it is read")
        await stranger.remove("q.later.on")
        await until(lambda: "was the queue removed?" in caplog.text, "it is said again")
        await stranger.queue("q.later.on")
        await stranger.send("q.later.on", 2, message_id="2")
        await until(lambda: reader.seen == [1, 2], "it is read again")


async def test_what_a_worker_holds_when_it_stops_is_another_s_at_once(
    settings: Settings, facts: Recorder, stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was not recorded, so it is not acknowledged."""
    queue = await stranger.queue()
    publish, stuck = RedisBus.publish, [True]

    async def away(self: RedisBus, *given: Any, **more: Any) -> Any:
        if stuck[0]:
            raise ServerUnavailableError("the server is away")
        return await publish(self, *given, **more)

    monkeypatch.setattr(RedisBus, "publish", away)
    await stranger.send(queue, 1, message_id="1")
    first, second = Reader(settings, facts, queue), Reader(settings, facts, queue)
    async with first.app.client():
        worker = Worker(first.app.session)
        await worker.start()

        async def is_held() -> bool:
            return await stranger.count(queue) == 0

        await until(is_held, "it is taken")
        await worker.stop(0)
    stuck[0] = False
    async with second.app:
        await until(lambda: second.seen == [1], "the other has it")


async def test_the_mark_of_an_event_outlives_what_its_message_may_take_to_come_again(
    settings: Settings, facts: Recorder, stranger: Stranger
) -> None:
    """A connection that is lost is made again in seconds; for an hour nothing is recorded twice."""
    queue = await stranger.queue()
    reader = Reader(settings, facts, queue)
    async with reader.app as app:
        await stranger.send(queue, 1, message_id="1")
        await until(lambda: reader.ids, "it is handled")
        kept_ms = await app.session.server.client.pttl(keys_of(CHANNEL).publish_mark(reader.ids[0]))
    assert kept_ms > 3500 * 1000


@pytest.fixture(autouse=True)
def _heard(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "causeline.worker")


async def _is_there(stranger: Stranger, queue: str) -> bool:
    """A question about a queue that is not there ends the channel of whoever asks."""
    async with stranger.another() as other:
        try:
            await other.count(queue)
        except ChannelClosed:
            return False
    return True


async def _is_empty(stranger: Stranger, queue: str) -> None:
    """Neither waiting nor held: whoever reads is gone."""

    async def nothing() -> bool:
        return await stranger.count(queue) == 0

    await until(nothing, "nothing waits")
