"""An empty database, and the bus beside it."""

import pytest

from tests.postgres_servers import PostgresServer


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> PostgresServer:
    """The server of all tests, with nothing in its database."""
    postgres_server.empty()
    return postgres_server
