"""Where spans go, by the standard variables."""

import pytest

from runtime.telemetry.endpoint import Endpoint, resolve_endpoint

BASE = "http://127.0.0.1:4318"


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({}, "http://127.0.0.1:4318/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://all:1/base/"}, "https://all:1/base/v1/traces"),
        (
            {
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://traces:2/own",
                "OTEL_EXPORTER_OTLP_ENDPOINT": "https://all",
            },
            "https://traces:2/own",
        ),
    ],
)
def test_the_variable_for_traces_wins_over_that_for_all_over_the_setting(environ: dict[str, str], url: str):
    """And only the base address gets the path added."""
    assert resolve_endpoint(environ, BASE).url == url


@pytest.mark.parametrize("given", ["http://c:4318", "http://c:4318/", "http://c:4318/v1/traces"])
def test_an_address_is_the_base_or_the_whole(given: str):
    """Both are found in people's settings."""
    assert resolve_endpoint({}, given).url == "http://c:4318/v1/traces"


def test_everything_else_is_read_too():
    """Whole-value equality; header values are URL-encoded."""
    environ = {
        "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20x, x-tenant = a ,broken",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "3.5",
        "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "none",
        "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
        "OTEL_EXPORTER_OTLP_CERTIFICATE": "/ca.pem",
        "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": "/me.pem",
        "OTEL_EXPORTER_OTLP_CLIENT_KEY": "/me.key",
    }
    headers = {"authorization": "Bearer x", "x-tenant": "a"}
    assert resolve_endpoint(environ, BASE) == Endpoint(
        f"{BASE}/v1/traces", headers, 3.5, "none", "/ca.pem", "/me.pem", "/me.key"
    )


@pytest.mark.parametrize("nothing", ["", " "])
def test_an_empty_variable_is_an_unset_one(nothing: str):
    """For traces it leaves the word to the one for all signals, and that to the setting."""
    words = ("ENDPOINT", "HEADERS", "TIMEOUT", "COMPRESSION", "CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY")
    for_traces = {f"OTEL_EXPORTER_OTLP_TRACES_{word}": nothing for word in words}
    for_all = {f"OTEL_EXPORTER_OTLP_{word}": nothing for word in words}

    assert resolve_endpoint(for_traces | for_all, BASE) == resolve_endpoint({}, BASE)
    assert resolve_endpoint(for_traces | {"OTEL_EXPORTER_OTLP_TIMEOUT": "3"}, BASE).timeout == 3


@pytest.mark.parametrize("text", ["soon", "-1", "0", "nan"])
def test_a_timeout_that_makes_no_sense_is_replaced(text: str):
    """By OpenTelemetry's own default."""
    assert resolve_endpoint({"OTEL_EXPORTER_OTLP_TIMEOUT": text}, BASE).timeout == 10.0


def test_headers_never_reach_a_log(caplog: pytest.LogCaptureFixture):
    """Neither by what is read wrongly nor by the endpoint's own text."""
    endpoint = resolve_endpoint({"OTEL_EXPORTER_OTLP_HEADERS": "authorization=s3cret,s3cret"}, "http://user:s3cret@c:1")
    assert "s3cret" not in caplog.text + endpoint.place + repr(endpoint.headers is None)
    assert "headers" not in repr(endpoint)


@pytest.mark.parametrize(("url", "expected"), [(BASE, True), ("http://[::1]:1", True), ("http://c:1", False)])
def test_this_machine_is_told_apart(url: str, expected: bool):
    """No proxy can reach it for us."""
    assert resolve_endpoint({}, url).is_loopback is expected
