"""`python -m dashboard`: one line for a bad start, a clean end, no orphan."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dashboard.conftest import ROOT, Dashboard, up
from tests.servers import free_port
from tests.waiting import until_sync


def _start(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    command = [sys.executable, "-m", "dashboard"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=30, check=False)


def test_a_port_in_use_is_one_line_naming_port_and_variable(tmp_path: Path) -> None:
    """And nothing is started elsewhere instead."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = _start(tmp_path, CAUSELINE_DASHBOARD_PORT=port)
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert port in ended.stderr
    assert "CAUSELINE_DASHBOARD_PORT" in ended.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CAUSELINE_DASHBOARD_PORT", "many"),
        ("CAUSELINE_COLLECTOR_URL", "nowhere"),
        ("CAUSELINE_COLLECTOR_PORT", "many"),
    ],
)
def test_a_setting_that_does_not_parse_is_one_line(tmp_path: Path, variable: str, value: str) -> None:
    """Variable, value, and what is allowed."""
    ended = _start(tmp_path, **{variable: value})
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert variable in ended.stderr
    assert repr(value) in ended.stderr


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_it_cleanly(tmp_path: Path, name: str) -> None:
    """Status 0, and the port is free again."""
    dashboard = Dashboard(tmp_path)
    dashboard.start("http://127.0.0.1:9")
    dashboard.process.send_signal(getattr(signal, name))
    assert dashboard.process.wait(10) == 0
    assert not up(dashboard.url)


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """A parent that is killed leaves no orphan: its end of the pipe closes."""
    reader, writer = os.pipe()
    port = free_port()
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "CAUSELINE_PARENT_FD": str(reader),
        "CAUSELINE_DASHBOARD_PORT": str(port),
    }
    command = [sys.executable, "-m", "dashboard"]
    child = subprocess.Popen(command, cwd=tmp_path, env=environment, pass_fds=[reader], stdout=subprocess.DEVNULL)
    os.close(reader)
    until_sync(lambda: up(f"http://127.0.0.1:{port}"))
    os.close(writer)
    assert child.wait(10) == 0
