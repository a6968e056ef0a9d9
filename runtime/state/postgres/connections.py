"""Connections of one event loop to a PostgreSQL server: few, opened when needed, each taken by one at a time."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import psycopg
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.adapt import AdaptersMap
from psycopg.rows import dict_row
from psycopg.types.string import StrDumperUnknown

#: Connections that one event loop has at most. A transaction takes a millisecond or two, and idle ones cost the server.
MOST: Final = 8

Connection = AsyncConnection[Any]


class _TextDumper(StrDumperUnknown):
    """Words, of which PostgreSQL takes all but NUL and half a character: names are checked before, and what users write
    travels as bytes."""

    def dump(self, obj: str) -> bytes:
        return obj.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace")


def _adapters() -> AdaptersMap:
    adapters = AdaptersMap(psycopg.adapters)
    adapters.register_dumper(str, _TextDumper)
    return adapters


#: How the driver is spoken to by code of ours: each row by its columns' names, `$1` for values.
OURS: Final[dict[str, Any]] = {"context": _adapters(), "row_factory": dict_row, "cursor_factory": AsyncRawCursor}
#: How it is by default, for code of others.
PLAIN: Final[dict[str, Any]] = {}


class Connections:
    """Connections that are given out one by one.

    Args:
        parameters: what the driver connects with.
        way: how it is spoken to.
    """

    def __init__(self, parameters: dict[str, Any], way: dict[str, Any] = OURS) -> None:
        self._parameters = parameters
        self._way = way
        self._idle: list[Connection] = []
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._taken = 0

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        """A connection for the block alone; one that was lost within it is not used again.

        Raises:
            psycopg.Error: none can be made.
        """
        while self._taken >= MOST:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except BaseException:
                if turn.done() and not turn.cancelled():
                    self._wake()
                raise
        self._taken += 1
        try:
            connection = self._pop_idle() or await self._connect()
            try:
                yield connection
            except BaseException:
                await connection.close()
                raise
            if connection.closed:
                return
            self._idle.append(connection)
        finally:
            self._taken -= 1
            self._wake()

    async def close(self) -> None:
        """Closes what is not in use; what is closes itself where it is done."""
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.close()

    def _pop_idle(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed:
                return connection
        return None

    async def _connect(self) -> Connection:
        # Poolers hand a session to another client after each transaction: nothing may be prepared in it.
        return await AsyncConnection.connect(**self._parameters, autocommit=True, prepare_threshold=None, **self._way)

    def _wake(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
