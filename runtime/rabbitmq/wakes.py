"""Wake-ups of workers over RabbitMQ: empty messages of a queue for each app, and for each agent whose steps lie apart.

They may be lost, or come twice: workers look for due steps from time to time, too. So nothing is confirmed, or written
to disk, nobody waits for a server that is away, and a queue that nobody reads removes itself.
"""

import asyncio
import hashlib
import logging
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any, Final

from aiormq.abc import ChannelFrame, DeliveredMessage
from aiormq.channel import Channel
from pamqp import commands as spec
from pamqp import frame
from pamqp.header import ContentHeader

from runtime.cancellation import cancel_and_wait
from runtime.errors import BrokerUnavailableError
from runtime.rabbitmq.driver import PikaBroker
from runtime.rabbitmq.driver_errors import TROUBLES

_log = logging.getLogger("causeline.worker")

#: Wake-ups that a queue holds at most; what is more is dropped, oldest first.
_MOST: Final = 256
_ARGUMENTS: Final = {
    "x-queue-type": "classic",
    "x-max-length": _MOST,
    "x-message-ttl": 60_000,
    "x-expires": 600_000,
}
#: Seconds between two tries to connect.
_PAUSE_S: Final = 1.0
#: Seconds that the first wake-up of a process waits for its connection: a short one would wake nobody.
_FIRST_S: Final = 1.0
#: Seconds that the server may take to say what it has removed.
_ANSWER_S: Final = 2.0
#: Bytes of a queue's name at most.
_LONGEST: Final = 255


class RabbitWakes:
    """`Wakes` of one app. Args: `broker`, which is closed with it, and the `app`."""

    def __init__(self, broker: PikaBroker, app: str) -> None:
        self._broker = broker
        self._app = app
        self._channel: Channel | None = None
        self._wanted: set[str] = set()
        self._read: set[str] = set()
        self._come: dict[str, tuple[Channel, int]] = {}
        self._bell = asyncio.Event()
        self._changed = asyncio.Event()
        self._end: BrokerUnavailableError | None = None
        self._is_away = False
        self._tries = 0
        self._keeping: asyncio.Task[None] | None = None

    async def wake_workers(self, due: Mapping[str, int]) -> None:
        channel = self._channel or await self._wait_for_channel()
        if channel is None:
            return
        words = b"".join(
            _pack_wake(channel, self._queue_name(agent)) * min(count, _MOST) for agent, count in due.items()
        )
        with suppress(asyncio.QueueFull):  # the server takes nothing now
            channel.write_queue.put_nowait(ChannelFrame(words, should_close=False))

    async def discard_wakes(self) -> bool:
        channel, queue = self._channel, self._queue_name()
        if channel is None or queue not in self._read:
            return False
        removed = 0
        with suppress(*TROUBLES):
            removed = (await asyncio.wait_for(channel.queue_purge(queue), _ANSWER_S)).message_count or 0
        return await self._take([queue]) or removed > 0

    async def wait(self, timeout: float, agents: Collection[str]) -> None:
        queues = [self._queue_name(agent) for agent in ("", *agents)]
        if not self._wanted.issuperset(queues):
            self._wanted.update(queues)
            self._changed.set()
        self._ensure_connecting()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while not await self._take(queues):
                    self._bell.clear()
                    await self._bell.wait()

    async def close(self) -> None:
        if self._keeping is not None:
            await cancel_and_wait(self._keeping)
        await self._broker.close()

    def _queue_name(self, agent: str = "") -> str:
        name = f"causeline.{self._app}.wake" + (f".{agent}" if agent else "")
        if len(name.encode()) <= _LONGEST:
            return name
        return f"causeline.wake.{hashlib.sha256(name.encode()).hexdigest()}"

    async def _take(self, queues: Collection[str]) -> bool:
        """Uses up a wake-up of one of the queues; each gives the next once that is done, to whoever reads it."""
        queue = next((one for one in queues if one in self._come), None)
        if queue is None:
            return False
        channel, tag = self._come.pop(queue)  # it may come before all queues of its channel are read
        with suppress(*TROUBLES):
            await channel.basic_ack(tag, wait=False)
        return True

    def _ensure_connecting(self) -> bool:
        """Sees to it that there is a connection, or will be; whether that begins now."""
        if self._keeping is not None:
            return False
        self._keeping = asyncio.create_task(self._keep_connecting(), name="causeline wake-ups")
        return True

    async def _wait_for_channel(self) -> Channel | None:
        if self._ensure_connecting():
            with suppress(TimeoutError):
                async with asyncio.timeout(_FIRST_S):
                    while self._channel is None:
                        self._bell.clear()
                        await self._bell.wait()
        return self._channel

    async def _keep_connecting(self) -> None:
        """Has one connection after the other, for as long as each lives."""
        while True:
            try:
                await self._run_connection()
            except BrokerUnavailableError as error:
                if not self._is_away:
                    _log.warning("workers of app %s wake by themselves, a little later: %s", self._app, error)
                self._is_away = True
            except Exception:  # noqa: BLE001 - nobody would notice that it has ended, and nothing would wake anybody
                _log.exception(
                    "wake-ups of app %s failed in a way that nobody thought of, next try in %.0f s", self._app, _PAUSE_S
                )
            finally:
                self._channel = None
            await asyncio.sleep(_PAUSE_S)

    async def _run_connection(self) -> None:
        self._tries += 1
        self._end = None
        self._read, self._come = set(), {}
        opened = await self._broker.open_unconfirmed_channel()
        try:
            opened.close_callbacks.add(lambda _, error: self._lose(self._broker.closed_error(error)))
            channel = await self._broker.underlying_channel(opened)
            channel.on_consumer_cancel_callbacks.add(self._handle_cancel)
            # One at a time: what a worker holds that is busy wakes nobody else.
            await self._broker.call_driver(lambda: channel.basic_qos(prefetch_count=1))
            while self._end is None:
                self._changed.clear()
                for queue in sorted(self._wanted - self._read):
                    await self._consume(channel, queue)
                self._note_ready(channel)
                await self._changed.wait()
            raise self._end
        finally:
            with suppress(Exception):
                await asyncio.wait_for(opened.close(), _ANSWER_S)

    async def _consume(self, channel: Channel, queue: str) -> None:
        async def take(message: DeliveredMessage) -> None:
            if message.delivery_tag is not None:
                self._come[queue] = channel, message.delivery_tag
                self._bell.set()

        arguments: dict[str, Any] = dict(_ARGUMENTS)
        # Durable, though no message in it is: other shared queues are on their way out of RabbitMQ.
        await self._broker.call_driver(lambda: channel.queue_declare(queue, durable=True, arguments=arguments))
        await self._broker.call_driver(lambda: channel.basic_consume(queue, take))
        self._read.add(queue)

    def _note_ready(self, channel: Channel) -> None:
        self._channel = channel
        self._bell.set()
        if self._is_away:
            _log.info("workers of app %s are woken over RabbitMQ at %s again", self._app, self._broker.display_address)
        self._is_away = False

    def _handle_cancel(self, _: object) -> None:
        self._lose(
            BrokerUnavailableError(
                f"RabbitMQ at {self._broker.display_address} delivers no more: was the queue removed?"
            )
        )

    def _lose(self, error: BrokerUnavailableError) -> None:
        self._end = self._end or error
        self._channel = None
        self._changed.set()


def _pack_wake(channel: Channel, queue: str) -> bytes:
    """An empty message as it travels; the same each time."""
    method = spec.Basic.Publish(exchange="", routing_key=queue)
    header = ContentHeader(body_size=0, properties=spec.Basic.Properties(delivery_mode=1))
    return frame.marshal(method, channel.number) + frame.marshal(header, channel.number)
