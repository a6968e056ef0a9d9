"""Settings: their defaults, and what is said of one that does not parse."""

from pathlib import Path

import pytest

from collector import settings
from collector.errors import SettingsError
from runtime.redaction.configured_redactor import ALLOWED


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine has set."""
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(f"CAUSELINE_{name.upper()}", raising=False)


def test_the_defaults_serve_this_machine_alone() -> None:
    """Loopback, the port of OTLP over HTTP, a file in the project's folder."""
    chosen = settings.load()
    assert (chosen.collector_host, chosen.collector_port) == ("127.0.0.1", 4318)
    assert chosen.database == Path(".causeline/causeline.duckdb")
    assert (chosen.redis_url, chosen.parent_fd, chosen.request_limit_mib) == (None, None, 64)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("CAUSELINE_COLLECTOR_PORT", "http", "a whole number from 0 to 65535"),
        ("CAUSELINE_COLLECTOR_PORT", "70000", "a whole number from 0 to 65535"),
        ("CAUSELINE_REQUEST_LIMIT_MIB", "0", "a whole number from 1 to 2047"),
        ("CAUSELINE_QUEUE_LIMIT", "-1", "a whole number of at least 1"),
        ("CAUSELINE_QUEUE_LIMIT_MIB", "0", "a whole number from 1 to 1000000"),
        ("CAUSELINE_REDIS_URL", "localhost", "a URL that begins with redis://, rediss:// or unix://"),
        ("CAUSELINE_REDACT_PATTERN", "(a+)+", ALLOWED),
        ("CAUSELINE_REDACT_PATTERN", "a{2000}", ALLOWED),
        ("CAUSELINE_PARENT_FD", "x", "the number of an inherited file descriptor"),
    ],
)
def test_one_line_names_variable_value_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    """So that nobody has to look anything up."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        settings.load()
    assert str(raised.value).startswith(f"{name}={value!r} can't be used: it must be {allowed}")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", settings.Settings.model_fields)
def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """As `docker compose` passes what nobody set."""
    unset = settings.load()
    monkeypatch.setenv(f"CAUSELINE_{name.upper()}", "")
    assert settings.load() == unset


def test_the_database_lies_in_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless another file is named."""
    monkeypatch.setenv("CAUSELINE_HOME", "/data")
    assert settings.load().database == Path("/data/causeline.duckdb")
    monkeypatch.setenv("CAUSELINE_DATABASE", "/fast/spans.duckdb")
    assert settings.load().database == Path("/fast/spans.duckdb")


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
def test_no_password_of_a_url_is_told(monkeypatch: pytest.MonkeyPatch, url: str, shown: str) -> None:
    """Of what may hold one, the scheme alone is shown."""
    monkeypatch.setenv("CAUSELINE_REDIS_URL", url)
    with pytest.raises(SettingsError) as raised:
        settings.load()
    assert str(raised.value).startswith(f"CAUSELINE_REDIS_URL={shown!r} can't be used: ")
    assert "hunter2" not in str(raised.value)


def test_every_setting_says_what_is_allowed() -> None:
    """A new one can't be forgotten."""
    assert set(settings._ALLOWED) == set(settings.Settings.model_fields)


def test_the_rules_lie_in_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless another file is named."""
    monkeypatch.setenv("CAUSELINE_HOME", "/data")
    assert settings.load().alerts_file == Path("/data/alerts.toml")
    monkeypatch.setenv("CAUSELINE_ALERTS", "/etc/rules.toml")
    assert settings.load().alerts_file == Path("/etc/rules.toml")


def test_prices_lie_in_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless another file is named."""
    monkeypatch.setenv("CAUSELINE_HOME", "/data")
    assert settings.load().prices_file == Path("/data/prices.toml")
    monkeypatch.setenv("CAUSELINE_PRICES", "/etc/prices.toml")
    assert settings.load().prices_file == Path("/etc/prices.toml")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8600"),
        ("0.0.0.0", "http://127.0.0.1:8600"),  # noqa: S104 nothing listens
        ("::", "http://[::1]:8600"),
    ],
)
def test_links_lead_to_where_the_dashboard_listens(monkeypatch: pytest.MonkeyPatch, host: str, url: str) -> None:
    """On loopback where it listens everywhere."""
    monkeypatch.setenv("CAUSELINE_DASHBOARD_HOST", host)
    monkeypatch.setenv("CAUSELINE_DASHBOARD_PORT", "8600")
    assert settings.load().dashboard_url == url
