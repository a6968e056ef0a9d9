"""Settings: what is said of one that does not parse."""

import os

import pytest

from dashboard import settings
from dashboard.settings import PREFIX, Settings, SettingsError, load


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("CAUSELINE_DASHBOARD_PORT", "many", "a whole number from 1 to 65535"),
        ("CAUSELINE_DASHBOARD_PORT", "0", "a whole number from 1 to 65535"),
        ("CAUSELINE_COLLECTOR_URL", "localhost", "a URL that begins with http:// or https://"),
        ("CAUSELINE_PARENT_FD", "x", "the number of an inherited file descriptor"),
    ],
)
def test_one_line_names_variable_value_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    """So that nobody has to look anything up."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as told:
        load()
    assert str(told.value) == f"{name}={value!r} can't be used: it must be {allowed}"


def test_every_setting_says_what_is_allowed() -> None:
    """A new one can't be forgotten."""
    assert set(settings._ALLOWED) == {*Settings.model_fields, *settings._CollectorAddress.model_fields}


@pytest.mark.parametrize("name", [*Settings.model_fields, "collector_host", "collector_port"])
def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """As `docker compose` passes what nobody set."""
    unset = load()
    monkeypatch.setenv(f"{PREFIX}{name.upper()}", "")
    assert load() == unset


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("", "", "http://127.0.0.1:4318"),
        ("", "5000", "http://127.0.0.1:5000"),
        ("spans.example", "", "http://spans.example:4318"),
        ("0.0.0.0", "5000", "http://127.0.0.1:5000"),  # noqa: S104 - read, not listened on
        ("::", "5000", "http://[::1]:5000"),
        ("", "0", "http://127.0.0.1:4318"),
    ],
)
def test_the_collector_is_found_where_it_was_told_to_listen(
    monkeypatch: pytest.MonkeyPatch, host: str, port: str, url: str
) -> None:
    """Unless its address is set; a port that it chose itself nobody else knows."""
    monkeypatch.setenv("CAUSELINE_COLLECTOR_HOST", host)
    monkeypatch.setenv("CAUSELINE_COLLECTOR_PORT", port)
    assert (load().collector_url, Settings().collector_url) == (url, url)
    monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", "http://elsewhere:1")
    assert load().collector_url == "http://elsewhere:1"


def test_where_the_collector_listens_is_asked_only_where_no_address_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orchestrators put addresses of their own into such variables."""
    monkeypatch.setenv("CAUSELINE_COLLECTOR_PORT", "tcp://10.0.0.7:4318")
    with pytest.raises(SettingsError) as told:
        load()
    assert str(told.value) == (
        "CAUSELINE_COLLECTOR_PORT='tcp://10.0.0.7:4318' can't be used: it must be a whole number from 0 to 65535"
    )
    monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", "http://elsewhere:1")
    assert load().collector_url == "http://elsewhere:1"


def test_a_url_that_hides_nothing_is_told_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a slip is seen."""
    monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", "localhost:4318")
    with pytest.raises(SettingsError, match="CAUSELINE_COLLECTOR_URL='localhost:4318' can't be used: "):
        load()


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
    monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", url)
    with pytest.raises(SettingsError) as told:
        load()
    assert str(told.value).startswith(f"CAUSELINE_COLLECTOR_URL={shown!r} can't be used: ")
    assert "hunter2" not in str(told.value)
