"""An empty server, settings that name it, what the runtime has of it, and an observer that remembers."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runtime.admin import Admin
from runtime.client.backend import Backend
from runtime.server.client import Clients
from runtime.settings import PREFIX, Settings
from runtime.state.connections import connect_servers
from runtime.testing import Recorder

#: Short enough for tests to see what becomes of work whose lease is over.
LEASE = 0.6


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    """Settings for an empty server."""
    return Settings(redis_url=redis_url, home=tmp_path, lease=LEASE, telemetry=False)


@pytest.fixture
def facts() -> Recorder:
    """Remembers what it is told, for `App(observer=facts)`; nothing of it leaves the process."""
    return Recorder()


@pytest.fixture
async def clients(redis_url: str) -> AsyncIterator[Clients]:
    """Connections of the test's own."""
    made = Clients.of(redis_url)
    yield made
    await made.close()


@pytest.fixture
def backend(clients: Clients, settings: Settings) -> Backend:
    """Bus, state store and presence of the app `logistics`, as the test's own."""
    return Backend.for_app(clients, "logistics", settings)


@pytest.fixture
async def admin(settings: Settings, facts: Recorder) -> AsyncIterator[Admin]:
    """An operator's connection."""
    made = Admin(await connect_servers(settings), facts, int(settings.lease * 1000))
    yield made
    await made.close()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
