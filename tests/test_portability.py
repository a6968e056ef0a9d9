"""Where a system has no file locks, no fork and no HUP, as Windows, the library works all the same."""

import subprocess
import sys
from pathlib import Path

import pytest

from runtime.supervisor.python import child_environment

#: Takes away what only POSIX has, before anything of ours is imported. Asyncio comes before that: here it is POSIX's.
ELSEWHERE = """
import asyncio, os, signal, sys

for name in ("fcntl", "grp", "pwd", "resource", "termios", "tty", "pty"):
    sys.modules[name] = None
for name in ("SIGHUP", "SIGKILL", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCHLD", "pause"):
    delattr(signal, name)
for name in ("fork", "killpg", "getuid", "geteuid", "register_at_fork", "setsid", "O_CLOEXEC"):
    delattr(os, name)

def refuse(*_):
    raise NotImplementedError

asyncio.SelectorEventLoop.add_signal_handler = asyncio.SelectorEventLoop.remove_signal_handler = refuse
"""

#: A workflow, an event and its subscriber, in the process that starts them.
APP = """
from causeline import App

app = App("parcels")
parcel = app.workflow("parcel", weight=int)

@parcel.step(publishes="parcel.stamped")
async def stamp(weight: int) -> int:
    return weight * 2

@app.subscribe("parcel.stamped")
async def sms(stamped: int) -> None:
    print("stamped", stamped)

print(app.build().name)
"""


def elsewhere(program: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    """Runs a program as on such a system."""
    plain = {name: value for name, value in child_environment().items() if not name.startswith(("CAUSELINE_", "OTEL_"))}
    command = [sys.executable, "-c", ELSEWHERE + program]
    return subprocess.run(command, env=plain | changes, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "module",
    ["causeline", "runtime.cli.commands", "runtime.worker.worker", "runtime.embedded.keeper", "collector.server"],
)
def test_every_part_is_imported(module: str) -> None:
    """Also what can do nothing there: others import it."""
    done = elsewhere(f"import {module}")

    assert (done.returncode, done.stderr) == (0, "")


def test_an_app_is_built(tmp_path: Path) -> None:
    """By its author's own machine, before it goes to a server."""
    done = elsewhere(APP, CAUSELINE_HOME=str(tmp_path))

    assert (done.stdout, done.stderr) == ("parcels\n", "")


def test_an_app_runs_with_a_server_that_is_named(tmp_path: Path, redis_url: str) -> None:
    """Its spans wait in memory while nobody takes them: of what lies on disk nobody could say whose it is."""
    settings = {"CAUSELINE_HOME": str(tmp_path), "CAUSELINE_REDIS_URL": redis_url}
    done = elsewhere(
        APP + "print('result', app.run(parcel, weight=3))", **settings, CAUSELINE_COLLECTOR_URL="http://127.0.0.1:9"
    )

    assert (done.returncode, sorted(done.stdout.splitlines())) == (0, ["parcels", "result 6", "stamped 6"]), done.stderr
    assert list((tmp_path / "spool").glob("*")) == []


def test_without_a_server_that_is_named_an_app_says_so(tmp_path: Path) -> None:
    """And where to name one."""
    done = elsewhere(APP + "app.run(parcel, weight=3)", CAUSELINE_HOME=str(tmp_path))

    assert done.stderr.splitlines()[-1].endswith(
        "no embedded server on this system: name a running Redis or Valkey in CAUSELINE_REDIS_URL"
    )
