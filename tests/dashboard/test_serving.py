"""Who gets to the dashboard: not a page from elsewhere, and nobody whom a proxy has not named."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dashboard.serving import Proxies
from tests.dashboard.conftest import ROOT, Dashboard

STREAM = "/_stcore/stream"
WEB_SOCKET = {
    "upgrade": "websocket",
    "connection": "Upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-protocol": "streamlit",
}


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """One of this machine, with a name of its own, for all tests; its collector is away."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAUSELINE_ALLOWED_HOSTS", "dash.example")
        started = Dashboard(tmp_path_factory.mktemp("elsewhere"))
        started.start("http://127.0.0.1:9")
    yield started
    started.stop()


@pytest.fixture(scope="module")
def behind_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """One whose users a proxy names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAUSELINE_DASHBOARD_USER_HEADER", "X-User")
        started = Dashboard(tmp_path_factory.mktemp("behind"))
        started.start("http://127.0.0.1:9")
    yield started
    started.stop()


def status(dashboard: Dashboard, target: str, method: str = "GET", **headers: str) -> int:
    """What one request is answered with, whatever its headers."""
    given = {"host": f"127.0.0.1:{dashboard.port}"} | {name.replace("_", "-"): text for name, text in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    with socket.create_connection(("127.0.0.1", dashboard.port)) as connection:
        connection.sendall(f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode())
        return int(connection.recv(4096).split()[1])


def test_a_foreign_name_is_refused_everywhere(dashboard: Dashboard) -> None:
    """It may have been pointed at this machine: pages, files and the web socket alike."""
    for host in ("evil.example", "evil.example:8501", "127.0.0.1.evil.example", "192.168.0.7", "0.0.0.0"):  # noqa: S104 an address that is read, none to listen on
        for target in ("/", "/dead-letters", "/_stcore/health", "/_stcore/host-config", "/media/x"):
            assert status(dashboard, target, host=host) == 403, (host, target)
        assert status(dashboard, STREAM, **(WEB_SOCKET | {"host": host, "origin": f"http://{host}"})) == 403, host


def test_a_page_from_elsewhere_opens_no_web_socket(dashboard: Dashboard) -> None:
    """Not even one of another port of this machine, which Streamlit takes for its own."""
    ours = f"http://127.0.0.1:{dashboard.port}"
    assert status(dashboard, STREAM, **WEB_SOCKET, origin=ours) == 101
    assert status(dashboard, STREAM, **WEB_SOCKET, origin="https://dash.example") == 101
    for origin in ("https://evil.example", "http://localhost:3000", "http://127.0.0.1:1", "null", "file://", "x"):
        assert status(dashboard, STREAM, **WEB_SOCKET, origin=origin) == 403, origin
        assert status(dashboard, "/_stcore/upload_file/a/b", "PUT", origin=origin) == 403, origin


def test_its_names_are_answered_and_never_framed(dashboard: Dashboard) -> None:
    """Whatever it is asked for."""
    for host in ("localhost:1", "dash.example"):
        assert status(dashboard, "/_stcore/health", host=host) == 200
    for target in ("/", "/_stcore/health", "/nowhere", "/_stcore/host-config"):
        headers = httpx.get(f"{dashboard.url}{target}", trust_env=False, timeout=60).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_only_whom_the_proxy_names_gets_in(behind_proxy: Dashboard) -> None:
    """Pages and web socket; that it is up, anybody may know."""
    ours = f"http://127.0.0.1:{behind_proxy.port}"
    assert status(behind_proxy, "/_stcore/health") == 200
    assert status(behind_proxy, "/") == 403
    assert status(behind_proxy, STREAM, **WEB_SOCKET, origin=ours) == 403
    assert status(behind_proxy, "/", x_user="ada") == 200
    assert status(behind_proxy, STREAM, **WEB_SOCKET, origin=ours, x_user="ada") == 101
    assert status(behind_proxy, "/", x_user="") == 403


@pytest.mark.parametrize(
    ("trusted", "client", "headers", "person"),
    [
        ([], "127.0.0.1", [b"ada"], "ada"),
        ([], "::1", [b"ada"], "ada"),
        ([], "::ffff:127.0.0.1", [b"ada"], "ada"),
        ([], "10.0.0.7", [b"ada"], ""),
        ([], "127.0.0.1", [b"ada", b"bob"], ""),
        ([], "127.0.0.1", [], ""),
        (["10.0.0.0/8"], "10.0.0.7", [b"ada"], "ada"),
        (["10.0.0.0/8"], "127.0.0.1", [b"ada"], ""),
        (["10.0.0.7"], "10.0.0.8", [b"ada"], ""),
    ],
)
def test_a_name_is_believed_of_a_trusted_proxy_alone(
    trusted: list[str], client: str, headers: list[bytes], person: str
) -> None:
    """By the address that connects, whatever other headers say; two names are none."""
    scope = {"client": (client, 1), "headers": [(b"x-user", one) for one in headers] + [(b"x-forwarded-for", b"::1")]}
    assert Proxies("X-User", trusted).person(scope) == person


#: Runs the dashboard as if Authlib were not installed.
WITHOUT_AUTHLIB = "import sys, runpy; sys.modules['authlib'] = None; runpy.run_module('dashboard', run_name='__main__')"


def refusal(folder: Path, *how: str, **environment: str) -> tuple[int, str]:
    """How a dashboard ends that does not start."""
    given = {"PYTHONPATH": str(ROOT), "CAUSELINE_DASHBOARD_PORT": "18501", "HOME": str(folder), **environment}
    done = subprocess.run(
        [sys.executable, *(how or ("-m", "dashboard"))],
        cwd=folder,
        env=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


def test_beyond_this_machine_it_does_not_start_without_a_sign_in(tmp_path: Path) -> None:
    """One line says all ways out."""
    ended, said = refusal(tmp_path, CAUSELINE_DASHBOARD_HOST="::")
    assert (ended, said.count("\n")) == (2, 1)
    for way in ("CAUSELINE_DASHBOARD_USER_HEADER", "[auth] in secrets.toml", "CAUSELINE_INSECURE=1"):
        assert way in said


def test_a_sign_in_that_can_not_work_is_told_at_the_start(tmp_path: Path) -> None:
    """What it needs comes with no extra of ours."""
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text("[auth]\nredirect_uri = 'http://localhost/oauth2callback'\n")
    ended, said = refusal(tmp_path, "-c", WITHOUT_AUTHLIB, CAUSELINE_DASHBOARD_HOST="::")
    assert ended == 2
    assert "pip install Authlib" in said
