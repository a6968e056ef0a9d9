"""Clients of the Redis or Valkey server whose errors are ours: no driver's error passes this border."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Self, cast

import redis.exceptions as driver
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff, NoBackoff

from runtime.errors import CommandRefusedError, ServerDeniedError, ServerError, ServerFullError, ServerUnavailableError

#: Connections that commands share; whoever finds them all in use waits for one.
COMMAND_CONNECTIONS: Final = 32
#: Commands are tried so often; all of them are safe to repeat.
_COMMAND_TRIES: Final = 3
_COMMAND_TIMEOUT_S: Final = 10.0
#: Longer than any read blocks: only a connection that has gone silent takes so long.
_READ_TIMEOUT_S: Final = 5.0
#: Each blocking read holds a connection of its own, and there are as many reads as groups: no limit of ours.
UNLIMITED: Final = 1 << 20

#: How answers begin of a server that will serve again: it loads, has failed over, can't write to its disk, is busy. A
#: script's error has the code of the command that failed within it.
_TROUBLED: Final = re.compile(
    r"(?:^|-)(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MISCONF|NOREPLICAS|BUSY|UNBLOCKED)\b"
)
_FULL: Final = "command not allowed when used memory"
_AWAY: Final = (driver.ConnectionError, driver.TimeoutError, driver.ReadOnlyError, driver.ClusterDownError, OSError)


class Client(Redis):
    """A client for commands or reads. Every method raises `ServerError`s instead of the driver's, and waits while
    `at_once` others are under way: a pool that is full would refuse them."""

    room: asyncio.Semaphore

    @classmethod
    def of(cls, pool: ConnectionPool, at_once: int) -> Self:
        """A client that owns a pool."""
        client = cast("Self", cls.from_pool(pool))
        # The driver's own pool that blocks costs each command three locks and a condition.
        client.room = asyncio.Semaphore(at_once)
        return client

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        try:
            async with self.room:
                return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call] # the driver does not say its type
        except driver.NoScriptError:
            raise  # `Scripts` knows what to do
        except (driver.RedisError, OSError) as error:
            raise _ours(error) from None

    async def now_ms(self) -> int:
        """The server's clock, in ms since 1970 (UTC)."""
        seconds, micros = await self.time()
        return int(seconds * 1000 + micros // 1000)

    def pipeline(self, transaction: bool = False, shard_hint: str | None = None) -> "_Pipeline":  # noqa: FBT001, FBT002 the driver's own
        pipeline = _Pipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)
        pipeline.room = self.room
        return pipeline


class _Pipeline(Pipeline):
    room: asyncio.Semaphore

    async def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002 - the driver's signature
        with translated():
            async with self.room:
                return list(await super().execute(raise_on_error))


@dataclass(frozen=True, slots=True)
class Clients:
    """What one event loop has of a server.

    Attributes:
        commands: for commands; never blocks. A full pool makes callers wait, it never refuses them.
        reads: for reads that block for less than 5 seconds. No retries of its own: it would repeat a read whose time is
            up for ever; whoever reads takes up again what a lost answer had brought.
    """

    commands: Client
    reads: Client

    @classmethod
    def of(cls, url: str) -> Self:
        """Clients of the server at a URL, for the event loop that first uses them; nothing is connected yet."""
        # Shapes of replies differ between protocols 2 and 3; ours are read as 2 on every server.
        shared: dict[str, Any] = {"protocol": 2, **_keepalive(url)}
        commands = ConnectionPool.from_url(
            url,
            max_connections=UNLIMITED,
            socket_timeout=_COMMAND_TIMEOUT_S,
            retry=Retry(ExponentialBackoff(cap=1.0, base=0.05), _COMMAND_TRIES),
            **shared,
        )
        reads = ConnectionPool.from_url(
            url,
            max_connections=UNLIMITED,
            socket_timeout=_READ_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
            **shared,
        )
        return cls(Client.of(commands, COMMAND_CONNECTIONS), Client.of(reads, UNLIMITED))

    async def close(self) -> None:
        """Closes all connections."""
        try:
            await self.commands.aclose()
        finally:
            await self.reads.aclose()


@contextmanager
def translated() -> Iterator[None]:
    """Turns the driver's errors into ours.

    Raises:
        ServerUnavailableError: the server does not answer, or can't serve now; the same call may succeed later.
        ServerDeniedError: it does not take the user or the password.
        ServerFullError: its memory is full.
        CommandRefusedError: it refuses what it was asked.
    """
    try:
        yield
    except driver.NoScriptError:
        raise  # `Scripts` knows what to do
    except (driver.RedisError, OSError) as error:
        raise _ours(error) from None


def _ours(error: driver.RedisError | OSError) -> ServerError:
    words = str(error)
    if isinstance(error, driver.OutOfMemoryError) or _FULL in words:
        return ServerFullError(
            "the Redis or Valkey server's memory is full, and it takes nothing new: raise its maxmemory, or start "
            "workers for what is due",
            words,
        )
    if isinstance(error, driver.AuthenticationError | driver.AuthorizationError):
        return ServerDeniedError(
            f"the Redis or Valkey server does not let this user in ({words}): see to the user and the password in "
            "CAUSELINE_REDIS_URL",
            words,
        )
    if isinstance(error, driver.InvalidResponse):
        return CommandRefusedError(
            f"what answers is no Redis or Valkey server ({words}): see CAUSELINE_REDIS_URL", words
        )
    if isinstance(error, _AWAY) or _TROUBLED.search(words):
        return ServerUnavailableError(f"the Redis or Valkey server does not answer ({words}): is it running?", words)
    return CommandRefusedError(f"the Redis or Valkey server refuses a command: {words}", words)


def _keepalive(url: str) -> dict[str, Any]:
    return {} if url.startswith("unix:") else {"socket_keepalive": True}
