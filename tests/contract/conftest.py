"""The backends that every battery here runs on. Another one joins as one more parameter of these fixtures."""

from collections.abc import AsyncIterator

import pytest

from tests.contract.backends import BusBackend, Clients, StateBackend


@pytest.fixture
async def clients(server_url: str) -> AsyncIterator[Clients]:
    """The clients of an empty server, once for each kind of server."""
    async with Clients(server_url) as made:
        yield made


@pytest.fixture
def backend(clients: Clients) -> BusBackend:
    """An empty bus."""
    return clients.bus()


@pytest.fixture
def state(clients: Clients) -> StateBackend:
    """An empty state store."""
    return clients.store()
