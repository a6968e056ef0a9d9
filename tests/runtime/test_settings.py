"""Settings come from `CAUSELINE_*`; what does not parse is told in one line."""

import os
from pathlib import Path

import pytest

from runtime.errors import SettingsError
from runtime.settings import PREFIX, Settings, load

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)


def test_every_setting_has_a_default():
    """A newcomer sets nothing."""
    assert load() == Settings()


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    """By the name in capitals."""
    monkeypatch.setenv("CAUSELINE_REDIS_URL", "redis://cache:6379/1")
    monkeypatch.setenv("CAUSELINE_LEASE", "2.5")
    monkeypatch.setenv("CAUSELINE_TELEMETRY", "false")
    settings = load()
    assert (settings.redis_url, settings.lease, settings.telemetry) == ("redis://cache:6379/1", 2.5, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CAUSELINE_REDIS_URL", "cache:6379"),
        ("CAUSELINE_COLLECTOR_URL", "localhost"),
        ("CAUSELINE_SAMPLE_RATIO", "2"),
        ("CAUSELINE_CONCURRENCY", "many"),
        ("CAUSELINE_LEASE", "0"),
        ("CAUSELINE_STREAM_CAP", "0"),
    ],
)
def test_what_does_not_parse_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str):
    """Variable and value first."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as told:
        load()
    assert str(told.value).startswith(f"{name}={value!r} can't be used: ")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http//:hunter2@cache", "***"),
        ("htp://ada:hunter2@cache:6379", "htp://***"),
        ("htp://cache?password=hunter2", "htp://***"),
        ("htp://cache?password=a@hunter2", "htp://***"),
        ("htp://:a?hunter2@cache", "htp://***"),
        ("htp://:a\nhunter2@cache", "htp://***"),
    ],
)
@pytest.mark.parametrize("name", ["CAUSELINE_REDIS_URL", "CAUSELINE_COLLECTOR_URL"])
def test_no_password_of_a_url_is_told(monkeypatch: pytest.MonkeyPatch, name: str, url: str, shown: str):
    """Of what may hold one, the scheme alone is shown."""
    monkeypatch.setenv(name, url)
    with pytest.raises(SettingsError) as told:
        load()
    assert str(told.value).startswith(f"{name}={shown!r} can't be used: ")
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_in_the_readme(name: str):
    """Where users look for it."""
    assert f"{PREFIX}{name.upper()}" in (ROOT / "README.md").read_text()
