"""A way to the server that breaks off and is mended."""

import asyncio

from tests.runtime.proxy import Proxy


class Outage(Proxy):
    """A proxy that comes back where it was."""

    async def come_back(self) -> None:
        """Takes connections again."""
        port = int(self.url.rpartition(":")[2].partition("/")[0])
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
