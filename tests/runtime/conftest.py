"""An empty server, settings that name it, and an observer that remembers."""

import os
from pathlib import Path

import pytest

from runtime.settings import PREFIX, Settings
from runtime.testing import Recorder

#: Short enough for tests to see a dead worker's work taken over.
LEASE = 0.6


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    """Settings for an empty server."""
    return Settings(redis_url=redis_url, home=tmp_path, lease=LEASE, telemetry=False)


@pytest.fixture
def facts(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """What the runtime tells; nothing of it leaves the process."""
    recorder = Recorder()
    monkeypatch.setattr("runtime.client.session.observe", lambda *_, **__: recorder)
    monkeypatch.setattr("runtime.admin.observe", lambda *_, **__: recorder)
    return recorder


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
