"""Hears what is published on the server: one subscription of an event loop, for whoever waits for something."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from runtime.cancellation import cancel_and_wait
from runtime.errors import ServerError
from runtime.server.translation import translate_errors

_log = logging.getLogger("causeline.server")

#: Seconds that the server may take to confirm a subscription.
_ANSWER_S: Final = 2.0


@dataclass(eq=False, slots=True)
class NewsWaiter:
    """What somebody waits for.

    Attributes:
        is_sure: whether it would be heard; where not, one has to look for oneself.
        come: set once it was heard, or can't be heard any more.
    """

    is_sure: bool = False
    come: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self, timeout: float) -> None:
        """Waits for the message, for so many seconds at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self.come.wait()


class PubSubListener:
    """Subscribes when somebody first waits, and stays subscribed until it is closed.

    What is told while the connection is away is heard by nobody: whoever waits looks once it is sure to hear, and again
    from time to time.

    Args:
        client: for reads; gives the connection.
    """

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._waiting: dict[tuple[str, str], set[NewsWaiter]] = defaultdict(set)
        self._confirmed: dict[str, asyncio.Event] = {}
        self._line: PubSub | None = None
        self._reading: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def hearing(self, *told: tuple[str, str]) -> AsyncIterator[NewsWaiter]:
        """Listens, while the block lasts, for any of several messages, each named by its channel and its text."""
        heard = NewsWaiter()
        for one in told:
            self._waiting[one].add(heard)
        try:
            heard.is_sure = all([await self._subscribe(channel) for channel, _ in told])
            yield heard
        finally:
            for one in told:
                left = self._waiting[one]
                left.discard(heard)
                if not left:
                    del self._waiting[one]

    async def close(self) -> None:
        """Lets the connection go."""
        reading = self._reading
        if reading is not None:
            await cancel_and_wait(reading)

    async def _subscribe(self, channel: str) -> bool:
        async with self._lock:
            if self._line is None:
                self._line = self._client.pubsub()
                self._confirmed = {}
            line = self._line
            if channel not in self._confirmed:
                confirmed = self._confirmed[channel] = asyncio.Event()
                try:
                    with translate_errors():
                        await line.subscribe(channel)
                except ServerError as error:
                    await self._handle_loss(line, error)
                    return False
                except BaseException:
                    self._confirmed.pop(channel, None)
                    raise
                if self._reading is None:
                    self._reading = asyncio.create_task(self._read(line), name="causeline news")
            else:
                confirmed = self._confirmed[channel]
        with suppress(TimeoutError):
            async with asyncio.timeout(_ANSWER_S):
                await confirmed.wait()
        return confirmed.is_set() and self._line is line

    async def _read(self, line: PubSub) -> None:
        try:
            while True:
                with translate_errors():
                    self._handle_message(await line.get_message(timeout=None))
        except ServerError as error:
            await self._handle_loss(line, error)
        except Exception as error:  # noqa: BLE001 - whoever waits would take it for silence
            _log.exception("what is told was heard no more, in a way that nobody thought of")
            await self._handle_loss(line, error)
        finally:
            if self._line is line:
                self._line = self._reading = None
                await line.aclose()  # type: ignore[no-untyped-call] # the driver does not say its type

    def _handle_message(self, message: dict[str, Any] | None) -> None:
        if message is None:
            return
        channel, data = message["channel"].decode(), message["data"]
        if message["type"] == "subscribe" and channel in self._confirmed:
            self._confirmed[channel].set()
        elif message["type"] == "message":
            for heard in self._waiting.get((channel, data.decode()), ()):
                heard.come.set()

    async def _handle_loss(self, line: PubSub, error: Exception) -> None:
        """Nobody hears anything any more, until somebody subscribes again."""
        _log.debug("what waits looks for itself: %s", error)
        if self._line is not line:
            return
        self._line = self._reading = None
        for confirmed in self._confirmed.values():
            confirmed.set()  # whoever waits for it sees that the line is another one
        for waiting in self._waiting.values():
            for heard in waiting:
                heard.is_sure = False
                heard.come.set()
        await line.aclose()  # type: ignore[no-untyped-call] # the driver does not say its type
