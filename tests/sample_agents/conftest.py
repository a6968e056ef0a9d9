"""What the workloads share."""

from pathlib import Path

import pytest


@pytest.fixture
def environment(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty server, a home of its own, no telemetry."""
    monkeypatch.setenv("CAUSELINE_REDIS_URL", redis_url)
    monkeypatch.setenv("CAUSELINE_HOME", str(tmp_path))
    monkeypatch.setenv("CAUSELINE_TELEMETRY", "false")
