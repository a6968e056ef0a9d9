"""A server whose memory is full."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from runtime.server.client import Client


@asynccontextmanager
async def full(client: Client) -> AsyncIterator[None]:
    """Until the block ends, the server has more in memory than it may."""
    await client.config_set("maxmemory-policy", "noeviction")
    await client.config_set("maxmemory", "1")
    try:
        yield
    finally:
        await client.config_set("maxmemory", "0")
