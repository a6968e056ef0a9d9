"""A TCP proxy that can go away, lose answers, and whose connections can go silent, as if a NAT had forgotten them."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit


@dataclass(eq=False)
class Connection:
    """One connection through the proxy; `loses` says that the next answer on it is lost."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    loses: bool = False
    pumps: list["asyncio.Task[None]"] = field(default_factory=list)

    def close(self) -> None:
        self.client.close()
        self.server.close()


class Proxy:
    """Passes on what goes to a server and comes back. Use it as a context manager.

    Attributes:
        url: of the server by way of the proxy.
        opened: how many connections there have been.
        lost: how many answers were lost.
    """

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._silenced = asyncio.Event()
        self._connections: list[Connection] = []
        self._marks: list[bytes] = []
        self.url = ""
        self.opened = 0
        self.lost = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"redis://127.0.0.1:{port}{self._target.path}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.go_away()

    async def go_away(self) -> None:
        """Ends all connections and takes no more."""
        self._server.close()
        pumps = [pump for connection in self._connections for pump in connection.pumps]
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for connection in self._connections:
            connection.close()
        ends = [end for one in self._connections for end in (one.client, one.server)]
        await asyncio.gather(*(end.wait_closed() for end in ends), return_exceptions=True)
        self._connections.clear()

    async def come_back(self) -> None:
        """Takes connections again, where it was."""
        port = int(self.url.rpartition(":")[2].partition("/")[0])
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)

    def silence(self) -> None:
        """From now on nothing passes on the connections that there are, and nobody is told; new ones work."""
        self._silenced.set()
        self._silenced = asyncio.Event()

    def lose_answer_to(self, mark: str) -> None:
        """The answer to the next request that contains a mark is lost, and its connection with it: what was asked for
        has been done."""
        self._marks.append(mark.encode())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        try:
            there, back = await asyncio.open_connection(self._target.hostname, self._target.port)
        except OSError:  # whoever came is told, as if there were no proxy
            writer.close()
            return
        if not self._server.is_serving():
            writer.close()
            back.close()
            return
        connection = Connection(writer, back)
        self._connections.append(connection)
        connection.pumps = [
            asyncio.create_task(self._ask(reader, connection, self._silenced)),
            asyncio.create_task(self._answer(there, connection, self._silenced)),
        ]

    async def _ask(self, source: asyncio.StreamReader, connection: Connection, silenced: asyncio.Event) -> None:
        with suppress(OSError):  # an end that is rude is an end
            while data := await source.read(65_536):
                mark = next((mark for mark in self._marks if mark in data), None)
                if mark is not None and not connection.loses:
                    self._marks.remove(mark)
                    connection.loses = True
                if not silenced.is_set():
                    connection.server.write(data)
        if not silenced.is_set():
            connection.server.close()

    async def _answer(self, source: asyncio.StreamReader, connection: Connection, silenced: asyncio.Event) -> None:
        with suppress(OSError):
            while data := await source.read(65_536):
                if connection.loses:
                    self.lost += 1
                    connection.close()
                    return
                if not silenced.is_set():
                    connection.client.write(data)
        if not silenced.is_set():
            connection.client.close()
