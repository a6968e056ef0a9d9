"""A connection to RabbitMQ by aio-pika: plain, because one that restores itself has hung, and forgets what it held.

Whoever lost it asks again, and gets a new one.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, Final, TypeVar, cast
from weakref import WeakValueDictionary

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aiormq import exceptions as driver
from aiormq.channel import Channel
from pamqp import commands as spec
from pamqp.header import ContentHeader

from runtime.errors import BrokerUnavailableError, MessageRefusedError, UnroutableError
from runtime.rabbitmq.address import Address
from runtime.rabbitmq.driver_errors import TROUBLES, connection_error, is_of_another, request_error, sending_error
from runtime.rabbitmq.feed import QueueFeed
from runtime.rabbitmq.message import Message
from runtime.rabbitmq.publishing import ChannelPublisher, OutgoingMessage
from runtime.rabbitmq.queues import dead_queue, main_queue

Answer = TypeVar("Answer")

#: Seconds that a connection may take, and an answer.
PATIENCE: Final = 10.0
#: Seconds between two signs of life of the connection: a server that went silent is noticed after two.
_HEARTBEAT: Final = 10
#: Times that a message is sent whose channel others have closed.
_TRIES: Final = 5
#: Bytes that headers and properties of a message may take: they travel in one frame, and a larger one ends the
#: connection of all.
_HEADER_LIMIT: Final = 120_000

#: Bytes of the widest character, and of a value that is no text.
_WIDEST: Final = 4
_OTHER: Final = 16

# It tells of each trouble at length, and so do we, in a line.
for _noisy in ("aiormq", "aio_pika"):
    if logging.getLogger(_noisy).level == logging.NOTSET:
        logging.getLogger(_noisy).setLevel(logging.CRITICAL)


class PikaBroker:
    """A `Broker`. Args: `address` of the server, and the `name` by which it shows who is connected."""

    def __init__(self, address: Address, name: str) -> None:
        self._address = address
        self._name = name
        self._connection: AbstractConnection | None = None
        self._channels: dict[str, ChannelPublisher] = {}
        self._opening = asyncio.Lock()
        self._under_way: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    @property
    def display_address(self) -> str:
        return str(self._address)

    @property
    def host_and_port(self) -> tuple[str, int]:
        return self._address.host, self._address.port

    @asynccontextmanager
    async def consume(self, queue: str, prefetch: int, *, declare: bool) -> AsyncIterator[QueueFeed]:
        channel = await self.open_unconfirmed_channel()
        try:
            yield await self._open_feed(channel, queue, prefetch, declare=declare)
        finally:
            await _close_channel(channel)

    async def publish(self, sender: str, exchange: str, routing_key: str, message: Message) -> None:
        properties = _build_properties(message)
        _check_header(message, properties, exchange or routing_key)
        # The driver tells a message that comes back by its id, which senders may use twice.
        async with self._under_way.setdefault((sender, message.id), asyncio.Lock()):
            for _ in range(_TRIES):
                try:
                    return await self._send(sender, OutgoingMessage(message.body, exchange, routing_key, properties))
                except _ClosedByAnotherError:
                    continue
        raise BrokerUnavailableError(
            f"RabbitMQ at {self.display_address} closes the channel again and again for other messages"
        )

    async def close(self) -> None:
        channels, self._channels = self._channels, {}
        connection, self._connection = self._connection, None
        for one in channels.values():
            await _close_channel(one.channel)
        if connection is not None:
            with suppress(Exception):
                await asyncio.wait_for(connection.close(), PATIENCE)

    async def _send(self, sender: str, message: OutgoingMessage) -> None:
        size = len(message.body)
        by = await self._publishing_for(sender, size)
        try:
            answer = await asyncio.wait_for(by.publish(message), PATIENCE)
        except driver.DeliveryError as error:
            raise self._rejection_error(error, message.exchange, message.routing_key) from None
        except TROUBLES as error:
            if is_of_another(error, size):
                if self._channels.get(sender) is by:
                    del self._channels[sender]  # it may not have heard that it is closed
                raise _ClosedByAnotherError from None
            raise sending_error(error, self._address, size) from None
        if not isinstance(answer, spec.Basic.Ack):
            raise BrokerUnavailableError(
                f"RabbitMQ at {self.display_address} did not confirm a message, and said {answer!r}"
            )

    def _rejection_error(self, error: driver.DeliveryError, exchange: str, routing_key: str) -> Exception:
        if isinstance(error, driver.PublishError):
            return UnroutableError(
                f"RabbitMQ at {self.display_address} gave the message back: no queue is bound to exchange "
                f"{exchange!r} for "
                f"routing key {routing_key!r}"
                if exchange
                else f"RabbitMQ at {self.display_address} gave the message back: there is no queue {routing_key!r}"
            )
        return BrokerUnavailableError(
            f"RabbitMQ at {self.display_address} did not take a message to {exchange or routing_key}: is a "
            "queue behind it full?",
            str(error),
        )

    async def _publishing_for(self, sender: str, size: int) -> ChannelPublisher:
        """What a message of so many bytes is sent by."""
        try:
            return await self._publishing_of(sender)
        except BrokerUnavailableError as error:
            if not is_of_another(error, size):
                raise
            self._connection = None  # it is about to end, and may not have heard so
            raise _ClosedByAnotherError from None

    async def _publishing_of(self, sender: str) -> ChannelPublisher:
        found = self._channels.get(sender)
        if found is not None and not found.channel.is_closed:
            return found
        async with self._opening:
            found = self._channels.get(sender)
            if found is None or found.channel.is_closed:
                channel = await self._open_channel(publisher_confirms=True)
                found = self._channels[sender] = ChannelPublisher(channel, await self.underlying_channel(channel))
            return found

    async def open_unconfirmed_channel(self) -> AbstractChannel:
        """A channel of its own on which nothing is confirmed; whoever asks for it closes it.

        Raises:
            BrokerUnavailableError: there is no connection.
        """
        async with self._opening:
            return await self._open_channel(publisher_confirms=False)

    async def _open_channel(self, *, publisher_confirms: bool) -> AbstractChannel:
        connection = self._connection
        if connection is None or connection.is_closed or not connection.connected.is_set():
            connection = self._connection = await self._connect()
        return await self.call_driver(
            lambda: connection.channel(publisher_confirms=publisher_confirms, on_return_raises=publisher_confirms)
        )

    async def _connect(self) -> AbstractConnection:
        try:
            return await aio_pika.connect(
                self._address.url,
                timeout=PATIENCE,
                client_properties={"connection_name": self._name},
                heartbeat=_HEARTBEAT,
            )
        except TROUBLES as error:
            raise connection_error(error, self._address) from None

    async def _open_feed(self, channel: AbstractChannel, queue: str, prefetch: int, *, declare: bool) -> QueueFeed:
        under = await self.underlying_channel(channel)
        feed = QueueFeed(under, self._address)
        channel.close_callbacks.add(lambda _, error: feed.fail(self.closed_error(error)))
        under.on_consumer_cancel_callbacks.add(feed.handle_cancel)
        for one in (dead_queue(queue), main_queue(queue)) if declare else ():
            await self.call_driver(partial(under.queue_declare, one.name, durable=True, arguments=dict(one.arguments)))
        await self.call_driver(lambda: under.queue_declare(queue, passive=True))  # names a queue that is not there
        await self.call_driver(lambda: under.basic_qos(prefetch_count=prefetch))
        await self.call_driver(lambda: under.basic_consume(queue, feed.receive))
        return feed

    async def underlying_channel(self, channel: AbstractChannel) -> Channel:
        """A channel as the driver below knows it.

        Raises:
            BrokerUnavailableError: it was closed in the meantime.
        """
        return cast("Channel", await self.call_driver(channel.get_underlay_channel))

    def closed_error(self, error: BaseException | None) -> BrokerUnavailableError:
        """Why a channel was closed."""
        return request_error(error or ConnectionError("the connection was closed"), self._address)

    async def call_driver(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """What the driver answers when it is asked something.

        Raises:
            BrokerUnavailableError: the server refuses, or is away.
        """
        try:
            return await asyncio.wait_for(ask(), PATIENCE)
        except TROUBLES as error:
            raise request_error(error, self._address) from None


class _ClosedByAnotherError(Exception):
    """A channel was closed because of another message; ours may be sent again."""


def _check_header(message: Message, properties: spec.Basic.Properties, where: str) -> None:
    if _estimate_size(message.headers) < _HEADER_LIMIT // _WIDEST:
        return  # to write it twice would cost as much as all else
    size = len(ContentHeader(body_size=len(message.body), properties=properties).marshal())
    if size > _HEADER_LIMIT:
        raise MessageRefusedError(
            f"the headers of a message to {where} take {size} bytes, and RabbitMQ takes {_HEADER_LIMIT} at most: is "
            "its subject meant to be that long?"
        )


def _estimate_size(value: Any) -> int:
    """Characters of all texts in a value of a header, and something for all else."""
    match value:
        case str() | bytes() | bytearray():
            return len(value)
        case Mapping():
            return sum(len(name) + _estimate_size(one) for name, one in value.items())
        case list() | tuple():
            return sum(map(_estimate_size, value))
    return _OTHER


def _build_properties(message: Message) -> spec.Basic.Properties:
    known: dict[str, Any] = dict(message.properties)
    return spec.Basic.Properties(**known | {"headers": _to_driver_value(message.headers), "delivery_mode": 2})


def _to_driver_value(value: Any) -> Any:
    """A value of a header as the driver takes it: of bytes it reads more kinds than it writes."""
    match value:
        case bytes():
            return bytearray(value)
        case Mapping():
            return {name: _to_driver_value(one) for name, one in value.items()}
        case list() | tuple():
            return [_to_driver_value(one) for one in value]
    return value


async def _close_channel(channel: AbstractChannel) -> None:
    """Closes a channel that may be gone; what is not acknowledged goes back to its queue."""
    with suppress(Exception):
        await asyncio.wait_for(channel.close(), PATIENCE)
