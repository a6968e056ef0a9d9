"""A way to a server that dies whenever something is written down on it, and is started again."""

import asyncio
from collections import Counter
from contextlib import suppress
from hashlib import sha1
from typing import Final, Literal

import hiredis

from runtime.server.scripts import read_source
from tests.runtime.proxy import Connection, Proxy
from tests.servers import START_LIMIT, DurableServer

Moment = Literal["before", "meanwhile", "after"]
"""It dies before it hears of it, as soon as it has been told, or when it has done it and nobody knows."""
MOMENTS: Final[tuple[Moment, ...]] = ("before", "meanwhile", "after")
SETTLEMENTS: Final = (("state", "commit"), ("state", "retry"), ("bus", "ack"), ("bus", "done"), ("bus", "retry"))
"""Scripts that write down how an attempt ended, by part and name."""


UNKNOWN: Final = b"0" * 40
"""The digest of no script."""


class DeadlyWay(Proxy):
    """Passes on what goes to a server, and kills it three times for each end of an attempt that is to be written down:
    before, meanwhile and after. Who asks for the fourth time is answered.

    Attributes:
        met: how often each request to write an end down was met.
        deaths: of the server, by their moment.
    """

    def __init__(self, server: DurableServer) -> None:
        super().__init__(server.url)
        self._server_process = server
        texts = [read_source(f"runtime.{part}", name).encode() for part, name in SETTLEMENTS]
        # The server is never asked for them by their digest: what may not be known to it is not written down by it.
        self._digests = [sha1(text, usedforsecurity=False).hexdigest().encode() for text in texts]
        self._texts = texts
        self._one_by_one = asyncio.Lock()
        self.met: Counter[bytes] = Counter()
        self.deaths: Counter[Moment] = Counter()

    async def _ask(self, asked: asyncio.StreamReader, connection: Connection, silenced: asyncio.Event) -> None:
        requests = hiredis.Reader()  # many travel together, and each is met for itself
        with suppress(OSError):
            while data := await asked.read(65_536):
                requests.feed(data)
                while (request := requests.gets()) is not False:
                    words = [UNKNOWN if word in self._digests else word for word in request]
                    async with self._one_by_one:
                        if connection.server.is_closing():  # it died of another's meanwhile
                            return
                        if await self._passed_on(words, connection):
                            return
        connection.server.close()

    async def _passed_on(self, words: list[bytes], connection: Connection) -> bool:
        """Passes a request on; whether the server died over it."""
        packed = bytes(hiredis.pack_command(tuple(words)))
        is_deadly = any(text in words for text in self._texts) and self.met[packed] < len(MOMENTS)
        if is_deadly:
            await self._die(packed, connection)
        else:
            connection.server.write(packed)
        return is_deadly

    async def _die(self, data: bytes, connection: Connection) -> None:
        moment = MOMENTS[self.met[data]]
        self.met[data] += 1
        connection.loses = True
        if moment != "before":
            connection.server.write(data)
            await connection.server.drain()
        if moment == "after":
            await asyncio.wait({connection.pumps[1]}, timeout=START_LIMIT)
        await asyncio.to_thread(self._server_process.kill)
        self.deaths[moment] += 1
        for one in self._connections:
            one.close()
        self._connections.clear()
        await asyncio.to_thread(self._server_process.start)
