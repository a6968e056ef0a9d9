"""Where processes find each other; what does not parse is told in one line."""

import os
from pathlib import Path

import pytest

from runtime.cli import environment
from runtime.cli.environment import Ports
from runtime.errors import SettingsError
from runtime.settings import PREFIX


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("CAUSELINE_COLLECTOR_PORT", "many", "a whole number from 1 to 65535"),
        ("CAUSELINE_COLLECTOR_PORT", "0", "a whole number from 1 to 65535"),
        ("CAUSELINE_DASHBOARD_PORT", "70000", "a whole number from 1 to 65535"),
    ],
)
def test_what_does_not_parse_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    """Variable, value, and what is allowed."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as told:
        Ports.load()
    assert str(told.value) == f"{name}={value!r} can't be used: it must be {allowed}"


def test_every_setting_says_what_is_allowed() -> None:
    """A new one can't be forgotten."""
    assert set(environment.ALLOWED) == set(Ports.model_fields)


@pytest.mark.parametrize("name", ["HOME", "COLLECTOR_URL", "DATABASE", *map(str.upper, Ports.model_fields)])
def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    """For the processes that are started as for the one that starts them."""
    monkeypatch.chdir(tmp_path)
    unset = environment.build_environment(), Ports.load()
    monkeypatch.setenv(f"{PREFIX}{name}", "")
    assert (environment.build_environment(), Ports.load()) == unset


def test_the_collector_is_found_where_it_was_told_to_listen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By the processes that are started; one that was named is left alone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAUSELINE_COLLECTOR_PORT", "5000")
    assert environment.build_environment()[1]["CAUSELINE_COLLECTOR_URL"] == "http://127.0.0.1:5000"
    monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", "http://elsewhere:1")
    assert environment.build_environment()[1]["CAUSELINE_COLLECTOR_URL"] == "http://elsewhere:1"


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:4318"), ("::", "http://[::1]:4318"), ("fe80::1", "http://[fe80::1]:4318")],
)
def test_a_listener_is_reached_where_it_listens(monkeypatch: pytest.MonkeyPatch, host: str, url: str) -> None:
    """One that listens everywhere on loopback."""
    monkeypatch.setenv("CAUSELINE_COLLECTOR_HOST", host)
    assert Ports.load().collector_url == url
