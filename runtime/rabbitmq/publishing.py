"""Messages that are sent in one turn of the event loop travel in one write, and wait for their confirms together.

The driver's own `basic_publish` writes each apart, and lets none follow before it is written: that is a call of the
operating system and several turns of the event loop for each message.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from aio_pika.abc import AbstractChannel
from aiormq.abc import ChannelFrame
from aiormq.channel import Channel
from pamqp import commands as spec
from pamqp import frame
from pamqp.base import Frame
from pamqp.body import ContentBody
from pamqp.header import ContentHeader

from runtime.server.turn_batcher import TurnBatcher

#: Messages of one write at most: RabbitMQ begins with the first of them while others are packed.
_MOST: Final = 32


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message as it is sent: its properties have an id, which tells it from others when RabbitMQ gives it back."""

    body: bytes
    exchange: str
    routing_key: str
    properties: spec.Basic.Properties

    def __post_init__(self) -> None:
        if not self.properties.message_id:
            self.properties.message_id = uuid4().hex


class ChannelPublisher:
    """Sends by one channel, on which RabbitMQ confirms. Args: `channel`; and `under`, as the driver below knows it."""

    def __init__(self, channel: AbstractChannel, under: Channel) -> None:
        self.channel = channel
        self._under = under
        self._writing = TurnBatcher(self._write, _MOST)

    async def publish(self, message: OutgoingMessage) -> Any:
        """Sends a message, and waits until RabbitMQ has said what becomes of it.

        Returns:
            The confirm, or refusal.

        Raises:
            PublishError, DeliveryError: it gives the message back, or does not take it.
            AMQPError: the channel is closed, or is before it was confirmed.
        """
        confirmed = await self._writing.ask(None, (message, self._pack_frames(message)))
        return await confirmed

    def _pack_frames(self, message: OutgoingMessage) -> bytes:
        # A confirm does not say that it was routed, and what can't be routed is lost without `mandatory`.
        method = spec.Basic.Publish(exchange=message.exchange, routing_key=message.routing_key, mandatory=True)
        header = ContentHeader(body_size=len(message.body), properties=message.properties)
        size = self._under.max_content_size
        parts: list[ContentBody | ContentHeader | Frame] = [method, header]
        parts += (ContentBody(message.body[at : at + size]) for at in range(0, len(message.body), size))
        return b"".join(frame.marshal(one, self._under.number) for one in parts)

    async def _write(self, _: None, messages: Sequence[tuple[OutgoingMessage, bytes]]) -> list["asyncio.Future[Any]"]:
        async with self._under.lock:
            # RabbitMQ counts what it is sent. Nobody cancels this task, and so all that is noted is queued.
            noted = [self._register_confirm(one) for one, _ in messages]
            await self._under.write_queue.put(
                ChannelFrame(b"".join(words for _, words in messages), should_close=False)
            )
        return noted

    def _register_confirm(self, message: OutgoingMessage) -> "asyncio.Future[Any]":
        """Notes a message where the driver looks when RabbitMQ confirms it, or gives it back."""
        under, id_ = self._under, str(message.properties.message_id)
        under.delivery_tag += 1
        tag = under.delivery_tag
        confirmation = under.confirmations[tag] = under.create_future()
        under.message_id_delivery_tag[id_] = tag

        def forget(_: object) -> None:
            if under.message_id_delivery_tag.get(id_) == tag:
                del under.message_id_delivery_tag[id_]

        confirmation.add_done_callback(forget)
        return confirmation
