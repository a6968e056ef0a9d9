"""The collector's one connection to the live bus: made when it is first needed, and again after it broke."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from collector.errors import BusUnavailableError
from collector.operations.contract import Bus
from runtime.admin import CauselineError, ServerError

#: Seconds that one attempt to connect may take.
CONNECT_SECONDS: Final = 2.0

#: Seconds after a failed attempt during which questions are answered with that failure at once.
PAUSE_SECONDS: Final = 1.0


class BusLink:
    """Lends the bus out, and reconnects by itself.

    Args:
        connect: makes a connection; raises `ServerError` when there is no server.
    """

    def __init__(self, connect: Callable[[], Awaitable[Bus]]) -> None:
        self._connect = connect
        self._bus: Bus | None = None
        self._lock = asyncio.Lock()
        self._failed_at = float("-inf")
        self._failure = ""

    @asynccontextmanager
    async def use(self) -> AsyncIterator[Bus]:
        """The bus, for one question.

        Raises:
            BusUnavailableError: when it can't be reached; also when that shows only inside the block.
        """
        bus = await self._connected()
        try:
            yield bus
        except ServerError as error:
            await self._drop(bus)
            raise BusUnavailableError(str(error)) from None

    async def close(self) -> None:
        """Gives the connection back."""
        if self._bus is not None:
            await self._drop(self._bus)

    async def _connected(self) -> Bus:
        async with self._lock:
            if self._bus is not None:
                return self._bus
            if time.monotonic() - self._failed_at < PAUSE_SECONDS:
                raise BusUnavailableError(self._failure)
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    self._bus = await self._connect()
            except (CauselineError, TimeoutError) as error:
                self._failed_at = time.monotonic()
                self._failure = str(error) or f"the bus did not answer within {CONNECT_SECONDS:g} seconds"
                raise BusUnavailableError(self._failure) from None
            return self._bus

    async def _drop(self, bus: Bus) -> None:
        if self._bus is bus:
            self._bus = None
        with contextlib.suppress(CauselineError):
            await bus.close()
