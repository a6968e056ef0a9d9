"""Rules over an empty store and a bus in memory."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from collector.alerts import rule_status
from collector.store.database import Database
from tests.collector.alerts.guarded import Guard
from tests.collector.operations.memory import MemoryBus


@pytest_asyncio.fixture
async def guard(
    database: Database, bus: MemoryBus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Guard]:
    """The default rules, and a file that a test may write. However long a look takes here, the next one is due."""
    monkeypatch.setattr(rule_status, "FACTOR", 0.0)
    rules = tmp_path / "alerts.toml"
    rules.touch()
    made = Guard(database, bus, rules)
    yield made
    await made.end()
