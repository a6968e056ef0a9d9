"""Running the command line as a process."""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from runtime.supervisor.python import child_environment, python_command
from tests.forked import Forked
from tests.servers import free_port


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str


Call = Callable[..., Ended]
"""Runs `causeline WORDS`."""


def surroundings(folder: Path, changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment with none of this machine's settings, a home in `folder`, free ports, and no width of a terminal:
    whoever runs the tests may have set one."""
    ports = {"CAUSELINE_COLLECTOR_PORT": str(free_port()), "CAUSELINE_DASHBOARD_PORT": str(free_port())}
    ours = ("CAUSELINE_", "OTEL_", "COLUMNS")
    plain = {name: value for name, value in child_environment().items() if not name.startswith(ours)}
    return {**plain, **ports, "CAUSELINE_HOME": str(folder / "home"), **(changes or {})}


def causeline(*words: str, folder: Path, changes: Mapping[str, str] | None = None, timeout: float = 100) -> Ended:
    """Run `causeline WORDS` in a folder to its end."""
    process = Forked("runtime.cli", *words, environment=surroundings(folder, changes), folder=folder)
    out, err = process.communicate(timeout)
    return Ended(process.returncode, out, err)


def forked(*words: str, folder: Path, changes: Mapping[str, str] | None = None, timeout: float = 100) -> Ended:
    """The same with all that it supervises forked, which starts in a tenth of the time. That it starts as others start
    it has tests of its own, with `causeline` and `begin`; and no process can be told by its home here."""
    process = Forked("runtime.cli", *words, environment=surroundings(folder, changes), folder=folder, forks=True)
    out, err = process.communicate(timeout)
    return Ended(process.returncode, out, err)


@contextmanager
def begin(*words: str, folder: Path, env: Mapping[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """Start `causeline WORDS` and go on; a test that fails meanwhile does not wait for its end."""
    pipe = subprocess.PIPE
    command = python_command("runtime.cli", *words)
    with subprocess.Popen(command, cwd=folder, env=env, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise


def processes_of(folder: Path) -> list[int]:
    """Every process that was given a home below `folder`, whoever its parent is now."""
    mark = f"CAUSELINE_HOME={folder}".encode()
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal() and _has(entry, mark)]


def _has(entry: Path, mark: bytes) -> bool:
    try:
        return int(entry.name) != os.getpid() and mark in (entry / "environ").read_bytes()
    except OSError:
        return False
