"""A server that is reached by a way which can fail."""

from collections.abc import AsyncIterator

import pytest

from runtime.server.client import Clients
from tests.runtime.proxy import Proxy


@pytest.fixture
async def proxy(redis_url: str) -> AsyncIterator[Proxy]:
    """A way to the server that can end, and lose answers."""
    async with Proxy(redis_url) as one:
        yield one


@pytest.fixture
async def far(proxy: Proxy) -> AsyncIterator[Clients]:
    """Clients on the other side of the proxy."""
    clients = Clients.of(proxy.url)
    yield clients
    await clients.close()
