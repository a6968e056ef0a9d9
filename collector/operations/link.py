"""The collector's one connection to the live bus: made when it is first needed, and again after it broke."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from collector.errors import BusUnavailableError
from collector.operations.contract import Operations
from runtime.admin import Admin, CauselineError, ServerError
from runtime.redaction.redactor import Redactor

#: Seconds that one attempt to connect may take.
CONNECT_SECONDS: Final = 2.0

#: Seconds after a failed attempt during which questions are answered with that failure at once.
PAUSE_SECONDS: Final = 1.0

Connect = Callable[[], Awaitable[Operations]]
"""Makes a connection to the live bus; raises `ServerError` when there is no server."""


def make_connector(redis_url: str | None, redactor: Redactor | None = None) -> Connect:
    """Returns how to connect to the bus that there really is.

    Args:
        redis_url: the server; None joins the embedded server of `CAUSELINE_HOME`.
        redactor: knows what is secret, and is not found by a search; None for the usual one.
    """
    told = (redactor or Redactor()).text

    async def connect() -> Operations:
        return await Admin.connect(redis_url, told)

    return connect


class OperationsLink:
    """Lends the connection out, and reconnects by itself.

    Args:
        connect: makes a connection.
    """

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._operations: Operations | None = None
        self._lock = asyncio.Lock()
        self._failed_at = float("-inf")
        self._failure = ""

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection now, as far as is known."""
        return self._operations is not None

    @asynccontextmanager
    async def use(self) -> AsyncIterator[Operations]:
        """Lends the connection for one question.

        Raises:
            BusUnavailableError: when the bus can't be reached; also when that shows only inside the block.
        """
        operations = await self._ensure_connected()
        try:
            yield operations
        except ServerError as error:
            await self._drop_connection(operations)
            raise BusUnavailableError(str(error)) from None

    async def close(self) -> None:
        """Gives the connection back."""
        if self._operations is not None:
            await self._drop_connection(self._operations)

    async def _ensure_connected(self) -> Operations:
        async with self._lock:
            if self._operations is not None:
                return self._operations
            if time.monotonic() - self._failed_at < PAUSE_SECONDS:
                raise BusUnavailableError(self._failure)
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    self._operations = await self._connect()
            except (CauselineError, TimeoutError) as error:
                self._failed_at = time.monotonic()
                self._failure = str(error) or f"the bus did not answer within {CONNECT_SECONDS:g} seconds"
                raise BusUnavailableError(self._failure) from None
            return self._operations

    async def _drop_connection(self, operations: Operations) -> None:
        if self._operations is operations:
            self._operations = None
        with contextlib.suppress(CauselineError):
            await operations.close()
