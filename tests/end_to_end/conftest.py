"""What the tests share in which processes and servers die."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.end_to_end.crash_client import Client, client_of


@pytest.fixture
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Has the processes that a test starts keep their files in its folder, and send no spans."""
    monkeypatch.setenv("CAUSELINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CAUSELINE_TELEMETRY", "false")


@pytest.fixture
async def client(own_home: None, redis_url: str, tmp_path: Path) -> AsyncIterator[Client]:
    """A client of an empty server."""
    async with client_of(redis_url, tmp_path) as one:
        yield one
