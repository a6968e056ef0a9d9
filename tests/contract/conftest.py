"""The backends that every battery here runs on. Another one joins as one more parameter of these fixtures."""

from collections.abc import AsyncIterator

import pytest

from tests.contract.backends import BusBackend, Clients, StateBackend


@pytest.fixture
async def backend(server_url: str) -> AsyncIterator[BusBackend]:
    """An empty bus, once for each kind of server."""
    async with Clients(server_url) as clients:
        yield clients.bus()


@pytest.fixture
async def state(server_url: str) -> AsyncIterator[StateBackend]:
    """An empty state store, once for each kind of server."""
    async with Clients(server_url) as clients:
        yield clients.store()
