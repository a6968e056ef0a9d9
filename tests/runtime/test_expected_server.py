"""Whether there should be a server is asked without starting one."""

from pathlib import Path

import pytest

from runtime.admin import Admin
from runtime.embedded import join


def test_a_server_that_is_named_is_expected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the setting, or by whoever asks; whether it answers is another question."""
    monkeypatch.setenv("CAUSELINE_HOME", str(tmp_path))
    assert Admin.is_there("redis://127.0.0.1:1")
    monkeypatch.setenv("CAUSELINE_REDIS_URL", "redis://127.0.0.1:1")
    assert Admin.is_there()


@pytest.mark.redis
def test_the_embedded_server_is_expected_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To ask does not start it."""
    monkeypatch.setenv("CAUSELINE_HOME", str(tmp_path))
    monkeypatch.delenv("CAUSELINE_REDIS_URL", raising=False)
    assert not Admin.is_there()
    assert not list(tmp_path.glob("server.*"))
    server = join(tmp_path)
    try:
        assert Admin.is_there()
    finally:
        server.close()
