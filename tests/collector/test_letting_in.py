"""Whom a collector lets in when it starts, and when it refuses to."""

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from runtime.tokens import Scope, create
from tests.collector.process import Process

ANYWHERE = {"CAUSELINE_COLLECTOR_HOST": "0.0.0.0"}  # noqa: S104 to be refused, or asked for tokens


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    """Whatever a test starts is gone after it."""
    started: list[Process] = []
    yield started
    for process in started:
        process.remove()


def status(process: Process, **headers: str) -> int:
    """What a question is answered with."""
    url = process.address().replace("0.0.0.0", "127.0.0.1")  # noqa: S104 an address that is read, none to listen on
    return httpx.get(f"{url}/api/runs", headers=headers, trust_env=False, timeout=60).status_code


def test_beyond_this_machine_it_does_not_start_without_tokens(tmp_path: Path, processes: list[Process]) -> None:
    """One line says both ways out; nothing is made."""
    processes.append(process := Process(tmp_path, **ANYWHERE))
    ended, said = process.wait()
    assert (ended, said.count("\n")) == (2, 1)
    assert "causeline token create" in said
    assert "CAUSELINE_INSECURE=1" in said
    assert list(tmp_path.iterdir()) == []


def test_beyond_this_machine_it_asks_for_tokens(tmp_path: Path, processes: list[Process]) -> None:
    """Also with the insecure setting, once there are any."""
    token = create(tmp_path, "ada", [Scope.READ])
    for insecure in ("", "1"):
        processes.append(process := Process(tmp_path, **ANYWHERE, CAUSELINE_INSECURE=insecure))
        url = process.address().replace("0.0.0.0", "127.0.0.1")  # noqa: S104 an address that is read, none to listen on
        assert httpx.get(f"{url}/api/runs", trust_env=False, timeout=60).status_code == 401
        authorized = {"authorization": f"Bearer {token}"}
        assert httpx.get(f"{url}/api/runs", headers=authorized, trust_env=False, timeout=60).status_code == 200
        ended, said = process.end(signal.SIGTERM)
        assert (ended, token in said) == (0, False)


def test_it_lets_everybody_in_when_told_so(tmp_path: Path, processes: list[Process]) -> None:
    """And says so."""
    processes.append(process := Process(tmp_path, **ANYWHERE, CAUSELINE_INSECURE="1"))
    line = process.line()
    assert "LETTING IN EVERYBODY" in line
    url = next(word for word in line.split() if word.startswith("http://")).replace("0.0.0.0", "127.0.0.1")  # noqa: S104 an address that is read, none to listen on
    assert httpx.get(f"{url}/api/runs", trust_env=False, timeout=60).status_code == 200


def test_a_setting_asks_for_tokens_on_this_machine(tmp_path: Path, processes: list[Process]) -> None:
    """Before the first was made."""
    processes.append(process := Process(tmp_path, CAUSELINE_REQUIRE_TOKENS="true"))
    assert status(process) == 401


def test_tokens_that_can_not_be_read_keep_it_from_starting(tmp_path: Path, processes: list[Process]) -> None:
    """Nobody could say who may do what."""
    (tmp_path / "tokens.json").write_text("{")
    processes.append(process := Process(tmp_path))
    ended, said = process.wait()
    assert (ended, said.count("\n")) == (2, 1)
    assert "tokens.json is damaged" in said


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ALLOWED_HOSTS", "a b"),
        ("ALLOWED_HOSTS", "http://a"),
        ("ALLOWED_ORIGINS", "shop.example"),
        ("ALLOWED_ORIGINS", "https://shop.example/x"),
        ("ALLOWED_ORIGINS", "*"),
        ("TLS_KEY", "/nowhere"),
        ("TLS_CERT", "/nowhere"),
    ],
)
def test_a_setting_that_can_not_be_used_is_named(
    tmp_path: Path, processes: list[Process], variable: str, value: str
) -> None:
    """One line, and nothing is made."""
    processes.append(process := Process(tmp_path, **{f"CAUSELINE_{variable}": value}))
    ended, said = process.wait()
    assert (ended, said.count("\n")) == (2, 1)
    assert f"CAUSELINE_{variable}" in said
    assert list(tmp_path.iterdir()) == []
