"""The connection to the Redis or Valkey server: the one that is set, else the embedded one."""

import asyncio
import logging
import re
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

from runtime.embedded.join import EmbeddedServer, join
from runtime.errors import CommandRefusedError, ServerDeniedError, ServerError, ServerUnavailableError
from runtime.home import find_home
from runtime.server import address
from runtime.server.client import Client, Clients
from runtime.settings import Settings
from runtime.supervisor.threads import run_in_thread

_log = logging.getLogger("causeline.server")

#: Policies of a full server that drop keys on their own: with one of them nothing is durable.
_KEEPS_ALL: Final = "noeviction"
#: How servers answer of which operators have withheld a command.
_WITHHELD: Final = re.compile("permission|unknown command", re.IGNORECASE)


class Server:
    """One server, as one event loop reaches it.

    Attributes:
        url: its address.
        clients: of the event loop that connected.
    """

    def __init__(self, url: str, embedded: EmbeddedServer | None) -> None:
        self.url = url
        self._embedded = embedded
        self.clients = Clients.of(url)

    @property
    def client(self) -> Client:
        """For commands."""
        return self.clients.commands

    @property
    def reader(self) -> Client:
        """For reads that block."""
        return self.clients.reads

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
            address.check_address(url)
        server = cls(url, embedded)
        try:
            await server.check()
        except BaseException:  # a caller that gives up must not leave connections and the hold on the server behind
            await server.close()
            raise
        return server

    async def check(self) -> None:
        """Asks whether the server is there and keeps what it is given.

        Raises:
            ServerError: when not; names the setting.
        """
        shown = address.without_password(self.url)
        try:
            memory: Any = await self.client.info("memory")
        except ServerDeniedError as error:
            raise ServerDeniedError(f"at {shown}, {error}", error.answer) from None
        except ServerUnavailableError as error:
            plain = "write redis:// if it is one without TLS, " if self.url.startswith("rediss:") else ""
            raise ServerUnavailableError(
                f"no Redis or Valkey server answers at {shown} ({error.answer}): "
                f"start it, {plain}or set CAUSELINE_REDIS_URL, or unset it for an embedded server",
                error.answer,
            ) from None
        except CommandRefusedError as error:
            if not _WITHHELD.search(error.answer):
                raise CommandRefusedError(
                    f"the server at {shown} can't be used ({error.answer}): name another in CAUSELINE_REDIS_URL",
                    error.answer,
                ) from None
            # A right that operators of shared servers withhold; without it all else works.
            _log.warning(
                "the server at %s does not say whether it drops keys when it is full (%s): see to it that its "
                "maxmemory-policy is %s",
                shown,
                error.answer,
                _KEEPS_ALL,
            )
            return
        policy = memory.get("maxmemory_policy", _KEEPS_ALL)
        if memory.get("maxmemory", 0) and policy != _KEEPS_ALL:
            raise ServerError(
                f"the server at {shown} drops keys when it is full "
                f"(maxmemory-policy {policy}): set it to {_KEEPS_ALL}, or name another server in CAUSELINE_REDIS_URL"
            )

    async def close(self) -> None:
        """Closes all connections and leaves the embedded server."""
        try:
            await self.clients.close()
        finally:
            if self._embedded is not None:
                await run_in_thread(self._embedded.close)


async def _join(home: Path) -> EmbeddedServer:
    joining = asyncio.ensure_future(run_in_thread(partial(join, home)))
    try:
        return await asyncio.shield(joining)
    except asyncio.CancelledError:
        joining.add_done_callback(_leave)  # the thread can't be stopped, and nobody will want what it brings
        raise


def _leave(joined: "asyncio.Future[EmbeddedServer]") -> None:
    if not joined.cancelled() and joined.exception() is None:
        joined.result().close()
