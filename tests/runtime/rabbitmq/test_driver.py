"""What a connection of ours asks of a real RabbitMQ, and what it says when that can't be had."""

import asyncio
import re

import pytest
from aio_pika.abc import AbstractChannel
from aiormq.exceptions import ChannelInvalidStateError

from runtime.errors import BrokerUnavailableError, MessageRefusedError, UnroutableError
from runtime.rabbitmq.address import Address
from runtime.rabbitmq.driver import PikaBroker
from runtime.rabbitmq.message import Message
from tests.rabbit_servers import LARGEST, PASSWORD, READER, USER, RabbitServer
from tests.stranger import Stranger
from tests.waiting import until

ONE = Message(body=b"{}", properties={"message_id": "1"})


async def test_a_message_is_there_once_it_is_published(broker: PikaBroker, stranger: Stranger) -> None:
    """With its headers and properties, and so that it outlives a restart."""
    queue = await stranger.queue()
    message = Message(
        body=b'{"n":1}', headers={"a": "b", "n": 1}, properties={"message_id": "7", "message_type": "t", "priority": 3}
    )
    await broker.publish("test", "", queue, message)
    found = await stranger.taken(queue)
    assert (found.body, found.message_id, found.type, found.priority) == (b'{"n":1}', "7", "t", 3)
    assert {name: found.headers[name] for name in ("a", "n")} == {"a": "b", "n": 1}
    assert found.delivery_mode == 2


async def test_a_message_that_no_queue_gets_is_refused(broker: PikaBroker, stranger: Stranger) -> None:
    """A confirm alone does not say that it was routed. The channel goes on."""
    exchange = await stranger.exchange()
    with pytest.raises(UnroutableError, match=f"no queue is bound to exchange '{exchange}' for routing key 'x'"):
        await broker.publish("test", exchange, "x", ONE)
    with pytest.raises(UnroutableError, match="there is no queue 'never'"):
        await broker.publish("test", "", "never", ONE)
    queue = await stranger.queue()
    await broker.publish("test", "", queue, ONE)
    await stranger.taken(queue)


async def test_a_channel_that_is_closed_before_it_is_used_is_a_trouble_of_the_server_s(
    broker: PikaBroker, stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection was lost in that moment: whoever reads or sends tries again, as after any other loss."""
    queue = await stranger.queue()
    opened = broker._open_channel

    async def lost(*, publisher_confirms: bool) -> AbstractChannel:
        channel = await opened(publisher_confirms=publisher_confirms)
        await channel.close()
        monkeypatch.setattr(channel, "get_underlay_channel", not_open)
        return channel

    async def not_open() -> None:
        raise ChannelInvalidStateError("Channel was not opened")  # as some versions of the driver have it

    monkeypatch.setattr(broker, "_open_channel", lost)
    with pytest.raises(BrokerUnavailableError):
        async with broker.consume(queue, 1, declare=False):
            pass
    with pytest.raises(BrokerUnavailableError):
        await broker.publish("test", "", queue, ONE)
    monkeypatch.undo()
    await broker.publish("test", "", queue, ONE)
    await stranger.taken(queue)


async def test_messages_that_are_sent_at_once_travel_together_and_are_confirmed_each_by_itself(
    broker: PikaBroker, stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In few writes, in their order; one that comes back is nobody else's trouble."""
    queue = await stranger.queue()
    await broker.publish("test", "", queue, ONE)
    await stranger.taken(queue)
    writes: list[int] = []
    write = asyncio.StreamWriter.write

    def counted(writer: asyncio.StreamWriter, data: bytes) -> None:
        writes.append(len(data))
        write(writer, data)

    monkeypatch.setattr(asyncio.StreamWriter, "write", counted)
    messages = [Message(body=b"%d" % number, properties={"message_id": f"m{number}"}) for number in range(40)]
    answers = await asyncio.gather(
        *(broker.publish("test", "", "never" if one.id == "m7" else queue, one) for one in messages),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [UnroutableError if n == 7 else type(None) for n in range(40)]
    assert len(writes) <= 4
    monkeypatch.undo()
    found = [(await stranger.taken(queue)).body for _ in range(39)]
    assert found == [one.body for one in messages if one.id != "m7"]


async def test_a_message_larger_than_a_frame_arrives_whole(broker: PikaBroker, stranger: Stranger) -> None:
    """And so does an empty one."""
    queue = await stranger.queue()
    for body in (b"x" * (LARGEST - 10), b""):
        await broker.publish("test", "", queue, Message(body=body, properties={"message_id": "1"}))
        assert (await stranger.taken(queue)).body == body


async def test_two_messages_of_one_id_are_told_apart_when_one_comes_back(
    broker: PikaBroker, stranger: Stranger
) -> None:
    """The driver tells returns by the id: sent together, one would answer for the other."""
    queue = await stranger.queue()
    answers = await asyncio.gather(
        *(broker.publish("test", "", where, ONE) for where in (queue, "never", queue, "never")), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [type(None), UnroutableError, type(None), UnroutableError]


async def test_one_that_is_too_large_says_so_and_takes_no_other_along(broker: PikaBroker, stranger: Stranger) -> None:
    """RabbitMQ closes the channel, with all that is under way there: they are sent again, some for the second time."""
    queue = await stranger.queue()
    large = Message(body=b"x" * (LARGEST + 1), properties={"message_id": "large"})
    small = [Message(body=b"{}", properties={"message_id": str(n)}) for n in range(20)]
    answers = await asyncio.gather(
        *(broker.publish("test", "", queue, one) for one in (*small[:10], large, *small[10:])), return_exceptions=True
    )
    (refused,) = [answer for answer in answers if answer is not None]
    assert isinstance(refused, MessageRefusedError)
    assert str(refused) == (
        f"RabbitMQ at {broker.display_address} takes messages of {LARGEST} bytes at most, and this one has "
        f"{LARGEST + 1}: raise "
        "its max_message_size, or send less"
    )
    missing = {one.id for one in small}
    while missing:
        missing.discard(str((await stranger.taken(queue)).message_id))


async def test_headers_that_take_no_frame_are_refused_before_they_end_the_connection(broker: PikaBroker) -> None:
    """All else that is under way on it would be lost with it."""
    with pytest.raises(MessageRefusedError, match=r"the headers of a message to q take 1\d{5} bytes"):
        await broker.publish("test", "", "q", Message(body=b"{}", headers={"subject": "x" * 130_000}))


async def test_an_exchange_that_is_not_there_is_named_and_found_when_it_is(
    broker: PikaBroker, stranger: Stranger
) -> None:
    """RabbitMQ closes the channel; the next message has another one."""
    with pytest.raises(BrokerUnavailableError, match=r"has no exchange 'gone' in virtual host /: make it, or correct"):
        await broker.publish("test", "gone", "x", ONE)
    queue = await stranger.queue()
    exchange = await stranger.exchange(queue, "x")
    await broker.publish("test", exchange, "x", ONE)
    await stranger.taken(queue)


async def test_a_queue_that_is_not_there_is_named_and_made_where_it_is_asked_for(
    broker: PikaBroker, stranger: Stranger
) -> None:
    """Of type quorum, with a limit and a queue of its dead: none of it may lose anything."""
    with pytest.raises(
        BrokerUnavailableError, match=r"has no queue 'q\.none' in virtual host /: declare=True makes it"
    ):
        async with broker.consume("q.none", 1, declare=False):
            pass
    async with broker.consume("q.made", 1, declare=True):
        pass
    await stranger.queue(
        "q.made",
        delivery_limit=100,
        dead_letter_exchange="",
        dead_letter_routing_key="q.made.dead",
        dead_letter_strategy="at-least-once",
        overflow="reject-publish",
    )
    await stranger.queue("q.made.dead")
    async with broker.consume("q.made", 1, declare=True):
        pass


async def test_a_queue_that_is_another_is_refused_with_both_values(broker: PikaBroker, stranger: Stranger) -> None:
    """Whoever declared it decided that; as it is it can be read."""
    queue = await stranger.queue(dead_letter_exchange="", dead_letter_routing_key="elsewhere")
    refusal = (
        f"RabbitMQ at {broker.display_address} has the queue '{queue}' with x-dead-letter-routing-key "
        "'elsewhere', and not "
        f"'{queue}.dead', as it would be declared: leave declare= out to use it as it is, or remove it"
    )
    with pytest.raises(BrokerUnavailableError, match=re.escape(refusal)):
        async with broker.consume(queue, 1, declare=True):
            pass
    async with broker.consume(queue, 1, declare=False):
        pass


@pytest.mark.parametrize(
    ("user", "password", "host", "words"),
    [
        (
            USER,
            "wrong",
            "%2F",
            f"does not let user {USER} in: see to the user and the password in CAUSELINE_RABBITMQ_U",
        ),
        ("nobody", PASSWORD, "%2F", "does not let user nobody in: see to the user and the password"),
        (
            USER,
            PASSWORD,
            "none",
            f"does not open the virtual host none for user {USER}: is it there (rabbitmqctl add_v",
        ),
    ],
)
async def test_who_is_not_let_in_is_told_why_without_a_password(
    rabbit_server: RabbitServer, user: str, password: str, host: str, words: str
) -> None:
    """One line, which says what to do."""
    broker = PikaBroker(Address.parse(rabbit_server.url_of(user, password, host)), "test")
    with pytest.raises(BrokerUnavailableError) as refused:
        await broker.publish("test", "", "q", ONE)
    assert words in str(refused.value)
    assert password not in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_who_lacks_a_right_is_told_which(rabbit_server: RabbitServer, stranger: Stranger) -> None:
    """To write, here; the same connection may still read."""
    queue = await stranger.queue()
    broker = PikaBroker(Address.parse(rabbit_server.url_of(READER)), "test")
    with pytest.raises(BrokerUnavailableError, match=r"does not allow user reader that \(access to exchange 'amq.def"):
        await broker.publish("test", "", queue, ONE)
    async with broker.consume(queue, 1, declare=False) as feed:
        await stranger.send(queue, 1)
        (taken,) = await feed.next_messages()
        await feed.ack(taken.tag, and_before=True)
    await broker.close()


async def test_a_server_that_is_not_there_is_asked_for() -> None:
    """As it may not run yet."""
    broker = PikaBroker(Address.parse("amqp://shop:hidden@127.0.0.1:1/"), "test")
    with pytest.raises(
        BrokerUnavailableError, match=r"RabbitMQ at amqp://127\.0\.0\.1:1/ does not answer .*: is it run"
    ):
        await broker.publish("test", "", "q", ONE)


async def test_a_queue_that_is_removed_ends_what_reads_it(broker: PikaBroker, stranger: Stranger) -> None:
    """Nothing would ever come again, and nobody would notice."""
    queue = await stranger.queue()
    async with broker.consume(queue, 1, declare=False) as feed:
        await stranger.remove(queue)
        with pytest.raises(BrokerUnavailableError, match="was the queue removed"):
            await feed.next_messages()


async def test_no_more_is_taken_than_may_be_unacknowledged(broker: PikaBroker, stranger: Stranger) -> None:
    """What waits in a worker's memory is what its death delays; the rest stays for others."""
    queue = await stranger.queue()
    for number in range(5):
        await stranger.send(queue, number)
    async with broker.consume(queue, 2, declare=False) as feed:
        taken = list(await feed.next_messages())
        while len(taken) < 2:
            taken += await feed.next_messages()
        assert [one.message.body for one in taken] == [b"0", b"1"]
        assert await stranger.count(queue) == 3
        await feed.ack(taken[0].tag, and_before=False)
        assert [one.message.body for one in await feed.next_messages()] == [b"2"]

    async def are_back() -> bool:
        return await stranger.count(queue) == 4

    await until(are_back, "what was not acknowledged is back in the queue")
