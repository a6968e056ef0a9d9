"""Holding the embedded server for as long as a command runs."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime import settings
from runtime.embedded import join
from runtime.server.connection import Server


@contextmanager
def held_server(home: Path) -> Iterator[str]:
    """Keep the home's embedded server up; one that is set is only asked whether it is there. Yields its address.

    Raises:
        ServerError: when it does not start, or the one that is set is not there.
    """
    loaded = settings.load()
    url = loaded.redis_url
    if url is not None:
        asyncio.run(_require(loaded))
        yield url.rpartition("@")[2]  # never a password on the screen
        return
    server = join(home)
    try:
        yield server.url
    finally:
        server.close()


async def _require(loaded: settings.Settings) -> None:
    server = await Server.connect(loaded)
    await server.close()
