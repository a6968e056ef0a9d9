"""Runs the tests of code that nobody has read: in a process of its own, with limits.

The process has a temporary folder, an empty environment, no input, so much CPU time and memory and no more, can't write
large files, and is ended with all that it has started when its time is up. That guards against mistakes, and not
against malice: the code can still read what its user can read, and reach the network. Who runs strangers' code puts the
worker into a container without either.
"""

import os
import secrets
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

#: What a child is told before it meets the code: a limit can be lowered by any code, and raised by root's alone.
_HARNESS: Final = """\
import resource, sys
cpu, memory, size, token = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
names = {}
for file in ("code.py", "tests.py"):
    with open(file) as source:
        exec(compile(source.read(), file, "exec"), names)
print(token)
"""

#: Bytes of output that a verdict may quote from.
_QUOTED: Final = 4096

_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What code may use: seconds of CPU time, seconds by the clock, MiB of memory, and MiB of each file it writes."""

    cpu: int = 1
    wall: float = 20.0
    memory: int = 256
    file: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the tests passed, and why not."""

    passed: bool
    reason: str = ""


def run(code: str, tests: str, limits: Limits = Limits()) -> Verdict:
    """Runs tests against code. Blocks for as long as that takes.

    Args:
        code: Python source.
        tests: Python source that sees the code's names, and raises where something is wrong.
        limits: of the process.
    """
    token = secrets.token_hex(16)  # that the process ends with status 0 does not mean that a test has run
    words = [limits.cpu, limits.memory * _MIB, limits.file * _MIB, token]
    with TemporaryDirectory(prefix="causeline-codegen-") as folder:
        place = Path(folder)
        (place / "code.py").write_text(code, encoding="utf-8")
        (place / "tests.py").write_text(tests, encoding="utf-8")
        with (place / "output").open("wb") as output:
            child = subprocess.Popen(
                [sys.executable, "-I", "-B", "-c", _HARNESS, *map(str, words)],
                cwd=place,
                env={},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            status = _wait_for_exit(child, limits.wall)
        with (place / "output").open("rb") as output:
            output.seek(max(0, output.seek(0, os.SEEK_END) - _QUOTED))
            said = output.read().decode(errors="replace").splitlines()
    return _verdict(status, said, token, limits)


def _wait_for_exit(child: subprocess.Popen[bytes], wall: float) -> int | None:
    """How a child ended; None where its time was up. Nothing that it has started is left."""
    try:
        return child.wait(wall)
    except subprocess.TimeoutExpired:
        return None
    finally:
        # Its group is named like itself, also once it is gone, as long as somebody is in it.
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _verdict(status: int | None, said: list[str], token: str, limits: Limits) -> Verdict:
    last = said[-1] if said else ""
    if status == 0 and last == token:
        return Verdict(passed=True)
    if status is None:
        return Verdict(passed=False, reason=f"still ran after {limits.wall:g} s")
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        return Verdict(passed=False, reason=f"used more than {limits.cpu} s of CPU time")
    if last.startswith("MemoryError"):
        return Verdict(passed=False, reason=f"wanted more than {limits.memory} MiB of memory")
    if status == 0:
        return Verdict(passed=False, reason="ended before its tests did")
    failed = next((line.strip() for line in reversed(said) if line.startswith('  File "tests.py"')), "")
    return Verdict(passed=False, reason=", ".join(part for part in (last, failed) if part) or f"ended with {status}")
