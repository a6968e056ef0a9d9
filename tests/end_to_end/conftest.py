"""What the tests share in which processes and servers die."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.dashboard.conftest import FLAGS
from tests.end_to_end.crash_client import Client, client_of
from tests.end_to_end.stack import Stack
from tests.postgres_servers import PostgresServer


@pytest.fixture
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Has the processes that a test starts keep their files in its folder, and send no spans."""
    monkeypatch.setenv("CAUSELINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CAUSELINE_TELEMETRY", "false")


#: Milliseconds that a test waits for anything on a page, beside processes that work.
PATIENCE_MS: Final = 30_000


@pytest.fixture
def page(chromium: Path) -> Iterator[Page]:
    """A page in a browser of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        found = browser.new_page(viewport={"width": 1300, "height": 1000})
        found.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield found
        browser.close()


STORES = ("server", pytest.param("postgresql", marks=pytest.mark.battery))
"""Where runs are kept: on the server of the bus, or in PostgreSQL."""


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Has the processes that a test starts keep their runs there, and nothing else is there."""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        server.empty()
        monkeypatch.setenv("CAUSELINE_STATE_URL", server.url)
    return str(request.param)


@pytest.fixture
async def client(own_home: None, store: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Client]:
    """A client of an empty server."""
    async with client_of(redis_url, tmp_path) as one:
        yield one


@pytest.fixture
def stack(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """A collector beside an empty server, and an environment that leads to both."""
    with Stack(tmp_path, redis_url) as found:
        for name in ("CAUSELINE_HOME", "CAUSELINE_COLLECTOR_URL", "CAUSELINE_REDIS_URL"):
            monkeypatch.setenv(name, found.environment[name])
        yield found
