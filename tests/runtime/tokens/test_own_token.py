"""Which token a program presents, and to whom."""

from pathlib import Path

import pytest

from runtime.tokens import OwnToken
from runtime.tokens.own_token import is_same_server

COLLECTOR = "http://c:4318"
THEIRS = {"OTEL_EXPORTER_OTLP_HEADERS": "x-a=b,authorization=Bearer%20theirs"}


def test_the_setting_wins_then_the_headers_then_a_file_then_the_home(tmp_path: Path) -> None:
    """What somebody said last counts."""
    (tmp_path / "token").write_text("of-home\n")
    (tmp_path / "named").write_text("of-file\n")
    named = tmp_path / "named"
    assert OwnToken.find(tmp_path, COLLECTOR, "set", named, THEIRS).text() == "set"
    assert OwnToken.find(tmp_path, COLLECTOR, "", named, THEIRS).text() == "theirs"
    assert OwnToken.find(tmp_path, COLLECTOR, "", named, {}).text() == "of-file"
    assert OwnToken.find(tmp_path, COLLECTOR, "", None, {}).text() == "of-home"
    assert OwnToken.find(tmp_path / "none", COLLECTOR, "", None, {}).headers() == {}
    assert OwnToken.find(None, COLLECTOR, "", None, {}).headers() == {}


def test_a_token_for_somebody_elses_collector_is_not_ours(tmp_path: Path) -> None:
    """Telemetry may go to a vendor while the API is here."""
    elsewhere = {**THEIRS, "OTEL_EXPORTER_OTLP_ENDPOINT": "https://vendor.example"}
    assert OwnToken.find(tmp_path, COLLECTOR, "", None, elsewhere).text() == ""
    assert OwnToken.find(tmp_path, COLLECTOR, "", None, {**elsewhere, "OTEL_EXPORTER_OTLP_ENDPOINT": COLLECTOR}).text()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://c", "http://c:80/v1/traces", True),
        ("http://c:4318/", "http://C:4318", True),
        ("http://c:4318", "https://c:4318", False),
        ("http://c:4318", "http://c:4319", False),
        ("http://c@evil:4318", "http://c:4318", False),
        ("http://c.evil:4318", "http://c:4318", False),
    ],
)
def test_a_place_is_scheme_host_and_port(one: str, other: str, *, same: bool) -> None:
    """Whatever stands around them."""
    assert is_same_server(one, other) is same


def test_a_token_never_shows_in_a_representation() -> None:
    """Which may end up in a log."""
    assert "s3cret" not in repr(OwnToken("s3cret", None))


@pytest.mark.parametrize("text", ["a\r\nx: y", "ä", ""])
def test_what_can_be_no_header_is_not_sent(text: str) -> None:
    """Nor breaks the program that would send it."""
    assert OwnToken(text, None).headers() == {}
