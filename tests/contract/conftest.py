"""The backends that every battery here runs on. Another one joins as one more kind."""

from collections.abc import AsyncIterator

import pytest

from tests.contract.backends import SMALL, BusBackend, Clients, StateBackend
from tests.contract.state_backends import PostgresBackend
from tests.postgres_servers import PostgresServer
from tests.servers import KINDS, LiveServer

POSTGRES = "postgresql"
"""Where runs are kept in PostgreSQL, and the bus is on whichever server there is."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Once for each kind of server; what keeps runs, also with PostgreSQL, unless it is about a full memory."""
    if "server_kind" in metafunc.fixturenames:
        is_for_all = "state" in metafunc.fixturenames and not metafunc.definition.get_closest_marker("in_memory")
        metafunc.parametrize("server_kind", (*KINDS, POSTGRES) if is_for_all else KINDS, indirect=True)


@pytest.fixture
def server_kind(request: pytest.FixtureRequest, live_servers: dict[str, LiveServer]) -> str:
    """The kind of server that this test runs on."""
    given: str = request.param
    if given != POSTGRES and given not in live_servers:
        pytest.skip(f"no server of the kind {given} on this machine")
    return given


@pytest.fixture
def server_url(server_kind: str, live_servers: dict[str, LiveServer]) -> str:
    """The address of an empty server of that kind; for PostgreSQL that of the bus."""
    server = next(iter(live_servers.values())) if server_kind == POSTGRES else live_servers[server_kind]
    server.empty()
    return server.url


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
async def state(server_kind: str, clients: Clients, request: pytest.FixtureRequest) -> AsyncIterator[StateBackend]:
    """An empty state store."""
    if server_kind != POSTGRES:
        yield clients.store()
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    server.empty()
    made = PostgresBackend(server.url, clients.clients, SMALL)
    try:
        yield made
    finally:
        await made.close()
