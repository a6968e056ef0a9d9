"""Ways to a PostgreSQL server for tests, and stores that go them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from runtime.bus.redis_base import Limits
from runtime.server.client import Clients
from runtime.state.postgres.commit_notifier import CommitNotifier
from runtime.state.postgres.database import Database
from runtime.state.postgres.store import PostgresState
from tests.contract.state_backends import APP
from tests.runtime.proxy import Proxy


def by_way_of(proxy: Proxy, url: str) -> str:
    """The address of a server by way of a proxy in front of it."""
    parts = urlsplit(url)
    port = urlsplit(proxy.url).port
    return f"postgresql://{parts.username}@127.0.0.1:{port}{parts.path}?sslmode=disable&gssencmode=disable"


@asynccontextmanager
async def store_at(url: str, clients: Clients) -> AsyncIterator[PostgresState]:
    """A state store with connections of its own."""
    database, telling = Database(url), CommitNotifier(clients, APP)
    try:
        yield PostgresState(database, telling, APP, Limits())
    finally:
        await database.close()
        await telling.flush()
