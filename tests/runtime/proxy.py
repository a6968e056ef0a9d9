"""A TCP proxy that can go away, and whose connections can go silent, as they do where a NAT has forgotten them."""

import asyncio
from typing import Self
from urllib.parse import urlsplit


class Proxy:
    """Passes on what goes to a server and comes back. Use it as a context manager; attributes: `url`, and `opened`,
    how many connections there have been."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._silenced = asyncio.Event()
        self._ends: list[asyncio.StreamWriter] = []
        self._pumps: set[asyncio.Task[None]] = set()
        self.url = ""
        self.opened = 0

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
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        for end in self._ends:
            end.close()
        await asyncio.gather(*(end.wait_closed() for end in self._ends), return_exceptions=True)

    async def come_back(self) -> None:
        """Takes connections again, where it was."""
        port = int(self.url.rpartition(":")[2].partition("/")[0])
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)

    def silence(self) -> None:
        """From now on nothing passes on the connections that there are, and nobody is told; new ones work."""
        self._silenced.set()
        self._silenced = asyncio.Event()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        there, back = await asyncio.open_connection(self._target.hostname, self._target.port)
        self._ends += [writer, back]
        for source, sink in ((reader, back), (there, writer)):
            pump = asyncio.create_task(_pump(source, sink, self._silenced))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, silenced: asyncio.Event) -> None:
    while data := await source.read(65_536):
        if silenced.is_set():
            continue
        sink.write(data)
    if not silenced.is_set():
        sink.close()
