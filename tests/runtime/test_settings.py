"""Settings come from `CAUSELINE_*`; what does not parse is told in one line."""

import os
from pathlib import Path

import pytest

from runtime import settings
from runtime.errors import SettingsError
from runtime.redaction.configured_redactor import ALLOWED
from runtime.settings import PREFIX, Listener, Settings, load

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith((PREFIX, "OTEL_")):
            monkeypatch.delenv(name)


def test_every_setting_has_a_default():
    """A newcomer sets nothing."""
    assert load() == Settings()


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    """By the name in capitals."""
    monkeypatch.setenv("CAUSELINE_REDIS_URL", "redis://cache:6379/1")
    monkeypatch.setenv("CAUSELINE_LEASE", "2.5")
    monkeypatch.setenv("CAUSELINE_TELEMETRY", "false")
    found = load()
    assert (found.redis_url, found.lease, found.telemetry) == ("redis://cache:6379/1", 2.5, False)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("CAUSELINE_REDIS_URL", "cache:6379", "a URL that begins with redis://, rediss:// or unix://"),
        ("CAUSELINE_COLLECTOR_URL", "localhost", "a URL that begins with http:// or https://"),
        ("CAUSELINE_TELEMETRY", "maybe", "true or false"),
        ("CAUSELINE_PAYLOADS", " ", "true or false"),
        ("CAUSELINE_SAMPLE_RATIO", "2", "a number from 0 to 1"),
        ("CAUSELINE_SPOOL_LIMIT_MIB", "0", "a whole number from 1 to 100000"),
        ("CAUSELINE_CONCURRENCY", "many", "a whole number from 1 to 10000"),
        ("CAUSELINE_LEASE", "0", "a number of seconds from 0.2 to 86400"),
        ("CAUSELINE_STREAM_CAP", "0", "a whole number of at least 1"),
        ("CAUSELINE_KEY_KIB", "0", "a whole number from 1 to 1048576"),
        ("CAUSELINE_RUN_STREAM_KIB", "1", "a whole number from 64 to 1048576"),
        ("CAUSELINE_REDACT_PATTERN", "(a+)+", ALLOWED),
    ],
)
def test_what_does_not_parse_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str):
    """Variable and value, and what is allowed, in words for people who know no Python."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as told:
        load()
    assert str(told.value) == f"{name}={value!r} can't be used: it must be {allowed}"


def test_every_setting_says_what_is_allowed():
    """A new one can't be forgotten."""
    assert set(settings._ALLOWED) == {*Settings.model_fields, *Listener.model_fields}


@pytest.mark.parametrize("name", [*Settings.model_fields, "collector_host", "collector_port"])
def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch, name: str):
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
):
    """Unless its address is set; a port that it chose itself nobody else knows."""
    monkeypatch.setenv("CAUSELINE_COLLECTOR_HOST", host)
    monkeypatch.setenv("CAUSELINE_COLLECTOR_PORT", port)
    assert (load().collector_url, Settings().collector_url) == (url, url)
    monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", "http://elsewhere:1")
    assert load().collector_url == "http://elsewhere:1"


def test_where_the_collector_listens_is_asked_only_where_no_address_is_set(monkeypatch: pytest.MonkeyPatch):
    """Orchestrators put addresses of their own into such variables."""
    monkeypatch.setenv("CAUSELINE_COLLECTOR_PORT", "tcp://10.0.0.7:4318")
    with pytest.raises(SettingsError) as told:
        load()
    assert str(told.value) == (
        "CAUSELINE_COLLECTOR_PORT='tcp://10.0.0.7:4318' can't be used: it must be a whole number from 0 to 65535"
    )
    monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", "http://elsewhere:1")
    assert load().collector_url == "http://elsewhere:1"


@pytest.mark.parametrize(
    ("field", "limits"),
    [
        ("spool_limit_mib", (1, 100_000)),
        ("concurrency", (1, 10_000)),
        ("lease", (0.2, 86_400)),
        ("sample_ratio", (0, 1)),
    ],
)
def test_the_limits_that_are_told_are_the_limits(field: str, limits: tuple[float, float]):
    """Told by hand, they could drift away."""
    for limit, beyond in zip(limits, (limits[0] - 1, limits[1] + 1), strict=True):
        assert f" {limit} " in f" {settings._ALLOWED[field]} "
        assert getattr(load(**{field: limit}), field) == limit
        with pytest.raises(SettingsError):
            load(**{field: beyond})


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
def test_every_setting_is_on_the_page_of_settings(name: str):
    """Where users look for it."""
    assert f"{PREFIX}{name.upper()}" in (ROOT / "docs" / "settings.md").read_text()


def test_an_empty_ratio_leaves_the_word_to_opentelemetry(monkeypatch: pytest.MonkeyPatch):
    """It is unset for it as well."""
    monkeypatch.setenv("CAUSELINE_SAMPLE_RATIO", "")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    assert load().sample_ratio == 0.0


@pytest.mark.parametrize("sampler", ["", "traceidratio"])
def test_an_empty_variable_of_opentelemetry_is_an_unset_one(monkeypatch: pytest.MonkeyPatch, sampler: str):
    """Of ours no less than of its own."""
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", sampler)
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "")
    assert load().sample_ratio == 1.0


@pytest.mark.parametrize(
    ("sampler", "argument", "ratio"),
    [
        ("always_off", "", 0.0),
        ("parentbased_always_on", "", 1.0),
        ("traceidratio", "0.25", 0.25),
        ("ParentBased_TraceIdRatio", ".5", 0.5),
        ("traceidratio", "7", 1.0),
        ("traceidratio", "", 1.0),
        ("jaeger_remote", "0.1", 1.0),
    ],
)
def test_opentelemetrys_own_sampler_is_heeded(
    monkeypatch: pytest.MonkeyPatch, sampler: str, argument: str, ratio: float
):
    """Unless ours is set; an argument that it can't mean is passed over, as its specification asks."""
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", sampler)
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", argument)
    assert load().sample_ratio == ratio
    monkeypatch.setenv("CAUSELINE_SAMPLE_RATIO", "0.75")
    assert load().sample_ratio == 0.75
