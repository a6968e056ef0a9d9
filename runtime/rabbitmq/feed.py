"""Messages of a queue as they come."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from aiormq.abc import AbstractChannel, DeliveredMessage

from runtime.errors import BrokerUnavailableError
from runtime.rabbitmq.address import Address
from runtime.rabbitmq.contract import UnackedMessage
from runtime.rabbitmq.driver_errors import TROUBLES, request_error
from runtime.rabbitmq.message import Message

#: Properties of AMQP 0-9-1 that may say something.
PROPERTIES: Final = (
    "content_type",
    "content_encoding",
    "delivery_mode",
    "priority",
    "correlation_id",
    "reply_to",
    "expiration",
    "message_id",
    "timestamp",
    "message_type",
    "user_id",
    "app_id",
)


class QueueFeed:
    """A `Feed`. Args: the `channel` that the messages come by, and the server's `address`."""

    def __init__(self, channel: AbstractChannel, address: Address) -> None:
        self._channel = channel
        self._address = address
        self._come: list[UnackedMessage] = []
        self._bell = asyncio.Event()
        self._end: BrokerUnavailableError | None = None

    async def receive(self, message: DeliveredMessage) -> None:
        """Called for each message."""
        if message.delivery_tag is None:
            raise AssertionError("what is delivered has a tag")
        self._come.append(
            UnackedMessage(
                message.delivery_tag, read_message(message), message.exchange or "", message.routing_key or ""
            )
        )
        self._bell.set()

    def handle_cancel(self, _: object) -> None:
        """The server delivers no more: the queue was removed, say."""
        self.fail(BrokerUnavailableError(f"RabbitMQ at {self._address} delivers no more: was the queue removed?"))

    def fail(self, error: BrokerUnavailableError) -> None:
        """Nothing comes any more."""
        self._end = self._end or error
        self._bell.set()

    async def next_messages(self) -> Sequence[UnackedMessage]:
        await self._bell.wait()
        if self._end is not None:
            # What came by a channel that is gone can't be acknowledged any more: it comes again.
            raise self._end
        come, self._come = self._come, []
        self._bell.clear()
        return come

    async def ack(self, tag: int, *, and_before: bool) -> None:
        await self._call_driver(lambda: self._channel.basic_ack(tag, multiple=and_before, wait=False))

    async def reject(self, tag: int) -> None:
        await self._call_driver(lambda: self._channel.basic_reject(tag, requeue=False, wait=False))

    async def _call_driver(self, say: Callable[[], Awaitable[object]]) -> None:
        if self._end is not None:
            raise self._end
        try:
            await say()
        except TROUBLES as error:
            raise request_error(error, self._address) from None


def read_message(message: DeliveredMessage) -> Message:
    """A message as we know it."""
    raw = message.header.properties
    properties: dict[str, Any] = {}
    for name in PROPERTIES:
        value = getattr(raw, name, None)
        if value is not None and value != "":
            properties[name] = value
    return Message(body=message.body, headers=raw.headers or {}, properties=properties)
