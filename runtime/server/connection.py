"""The connection to the Redis or Valkey server: the one that is set, else the embedded one."""

import asyncio
import logging
from pathlib import Path
from typing import Any, Final, Self

import redis
from redis.asyncio import Redis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.exceptions import RedisError

from runtime.embedded.join import EmbeddedServer, join
from runtime.errors import ServerError
from runtime.home import find_home
from runtime.server import address
from runtime.settings import Settings

_log = logging.getLogger("causeline.server")

#: Commands are tried so often; all of them are scripts that are safe to repeat.
_COMMAND_TRIES: Final = 3
_COMMAND_TIMEOUT_S: Final = 10.0
#: Longer than any read blocks: only a connection that has gone silent takes so long.
_READ_TIMEOUT_S: Final = 5.0
#: Policies of a full server that drop keys on their own: with one of them nothing is durable.
_KEEPS_ALL: Final = "noeviction"


class Server:
    """Clients of one server.

    Attributes:
        url: its address.
        client: for commands.
        reader: for reads that block for less than 5 seconds. No retries of its own: it would repeat a read whose
            time is up for ever; what a lost answer had brought is taken over once its lease is over.
    """

    def __init__(self, url: str, embedded: EmbeddedServer | None) -> None:
        self.url = url
        self._embedded = embedded
        # Shapes of replies differ between protocols 2 and 3; ours are read as 2 on every server.
        self.client: Redis = Redis.from_url(
            url,
            protocol=2,
            socket_timeout=_COMMAND_TIMEOUT_S,
            retry=AsyncRetry(ExponentialBackoff(cap=1.0, base=0.05), _COMMAND_TRIES),
            **_keepalive(url),
        )
        self.reader: Redis = Redis.from_url(
            url, protocol=2, socket_timeout=_READ_TIMEOUT_S, retry=AsyncRetry(NoBackoff(), 0), **_keepalive(url)
        )

    @classmethod
    async def connect(cls, settings: Settings) -> Self:
        """Connects, starting the embedded server where no other is set.

        Raises:
            SettingsError: when its address can't be used.
            ServerError: when the server is not there, or would drop keys when it is full.
        """
        embedded: EmbeddedServer | None = None
        url = settings.redis_url
        if url is None:
            embedded = await _join(find_home(settings.home))
            url = embedded.url
        else:
            address.checked(url)
        server = cls(url, embedded)
        try:
            await server.check()
        except BaseException:  # a caller that gives up must not leave connections and the hold on the server behind
            await server.close()
            raise
        return server

    def blocking_client(self) -> redis.Redis:
        """A synchronous client for a thread of its own."""
        return redis.Redis.from_url(self.url, protocol=2, socket_timeout=_COMMAND_TIMEOUT_S, **_keepalive(self.url))

    async def check(self) -> None:
        """Asks whether the server is there and keeps what it is given.

        Raises:
            ServerError: when not; names the setting.
        """
        try:
            memory: Any = await self.client.info("memory")
        except (RedisError, OSError) as error:
            raise ServerError(
                f"no Redis or Valkey server answers at {address.without_password(self.url)} ({error}): "
                "start it, or set CAUSELINE_REDIS_URL, or unset it for an embedded server"
            ) from None
        policy = memory.get("maxmemory_policy", _KEEPS_ALL)
        if memory.get("maxmemory", 0) and policy != _KEEPS_ALL:
            raise ServerError(
                f"the server at {address.without_password(self.url)} drops keys when it is full "
                f"(maxmemory-policy {policy}): set it to {_KEEPS_ALL}, or name another server in CAUSELINE_REDIS_URL"
            )

    async def close(self) -> None:
        """Closes all connections and leaves the embedded server."""
        try:
            await asyncio.gather(self.client.aclose(), self.reader.aclose())
        finally:
            if self._embedded is not None:
                await asyncio.to_thread(self._embedded.close)


async def _join(home: Path) -> EmbeddedServer:
    joining = asyncio.get_running_loop().run_in_executor(None, join, home)
    try:
        return await asyncio.shield(joining)
    except asyncio.CancelledError:
        joining.add_done_callback(_leave)  # the thread can't be stopped, and nobody will want what it brings
        raise


def _leave(joined: "asyncio.Future[EmbeddedServer]") -> None:
    if not joined.cancelled() and joined.exception() is None:
        joined.result().close()


def _keepalive(url: str) -> dict[str, Any]:
    return {} if url.startswith("unix:") else {"socket_keepalive": True}
