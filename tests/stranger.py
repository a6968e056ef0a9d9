"""A program of others on the same RabbitMQ: it has queues, sends, and takes."""

import json
from typing import Any, Self
from uuid import uuid4

import aio_pika
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage, AbstractRobustConnection
from aiormq.abc import ChannelFrame
from pamqp import commands as spec
from pamqp.body import ContentBody
from pamqp.header import ContentHeader

from tests.waiting import until


class Stranger:
    """Use it as a context manager. Args: `url` of the server."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: AbstractConnection | AbstractRobustConnection | None = None
        self._channel: Any = None

    async def __aenter__(self) -> Self:
        self._connection = await aio_pika.connect(self._url)
        self._channel = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._connection is not None
        await self._connection.close()

    def another(self) -> "Stranger":
        """One more of the same server, on a connection of its own."""
        return Stranger(self._url)

    async def queue(self, name: str = "", **arguments: Any) -> str:
        """Makes a durable queue of type quorum, or of the type that is asked for; its name, new by default."""
        given = {"x-queue-type": "quorum"} | {f"x-{key.replace('_', '-')}": value for key, value in arguments.items()}
        found = await self._channel.declare_queue(name or f"q.{uuid4().hex[:8]}", durable=True, arguments=given)
        return str(found.name)

    async def dying_queue(self, dead: str) -> str:
        """A queue whose dead go to another one."""
        return await self.queue(dead_letter_exchange="", dead_letter_routing_key=dead)

    async def exchange(self, queue: str = "", key: str = "") -> str:
        """Makes a durable exchange, with a queue bound to it where one is named; its name."""
        made = await self._channel.declare_exchange(f"x.{uuid4().hex[:8]}", durable=True)
        if queue:
            await (await self._channel.get_queue(queue)).bind(made, key)
        return str(made.name)

    async def bind(self, queue: str, exchange: str, key: str) -> None:
        """Binds a queue to an exchange."""
        await (await self._channel.get_queue(queue)).bind(exchange, key)

    async def remove(self, queue: str) -> None:
        """Removes a queue with all that is in it."""
        await self._channel.queue_delete(queue)

    async def send(self, queue: str, body: Any, **properties: Any) -> None:
        """Sends a message to a queue; what is no bytes as JSON."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"delivery_mode": 2} | properties
        await self._channel.default_exchange.publish(aio_pika.Message(raw, **given), queue)

    async def publish(self, exchange: str, key: str, body: bytes, **properties: Any) -> None:
        """Sends a message to an exchange."""
        found = await self._channel.get_exchange(exchange)
        await found.publish(aio_pika.Message(body, **properties), key)

    async def send_nameless(self, queue: str, body: bytes) -> None:
        """Sends a message without an id, which the driver would give it."""
        channel = await self._channel.get_underlay_channel()
        header = ContentHeader(body_size=len(body), properties=spec.Basic.Properties(delivery_mode=2))
        frames = [spec.Basic.Publish(exchange="", routing_key=queue), header, ContentBody(body)]
        await channel.write_queue.put(ChannelFrame.marshall(frames=frames, channel_number=channel.number))

    async def take(self, queue: str) -> AbstractIncomingMessage:
        """Waits for a message, and takes it; it is not acknowledged."""
        found = await self._channel.get_queue(queue)
        message: AbstractIncomingMessage = await until(lambda: found.get(fail=False), f"a message in {queue}")
        return message

    async def taken(self, queue: str) -> AbstractIncomingMessage:
        """Takes a message for good."""
        message = await self.take(queue)
        await message.ack()
        return message

    async def reject(self, queue: str) -> None:
        """Takes a message, and rejects it."""
        message = await self.take(queue)
        await message.reject(requeue=False)

    async def count(self, queue: str) -> int:
        """How many messages wait in a queue; those that somebody holds are not counted."""
        found = await self._channel.declare_queue(queue, passive=True)
        return int(found.declaration_result.message_count or 0)
