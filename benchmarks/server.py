"""What servers of the benchmark's own share: how one starts, and what it uses."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_START_S: Final = 60.0

_TICKS: Final = os.sysconf("SC_CLK_TCK")


def begin(command: Sequence[str], variables: Mapping[str, str], folder: Path, health: str) -> "subprocess.Popen[bytes]":
    """Starts a server and waits until it answers.

    Args:
        command: what starts it.
        variables: its environment.
        folder: where it runs.
        health: the address that answers with 200 once it is up.

    Raises:
        RuntimeError: it ends, or does not answer within a minute.
    """
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(command, env=variables, cwd=folder, stdin=nowhere, stdout=nowhere, stderr=nowhere)
    deadline = time.monotonic() + _START_S
    while not answers(health):
        if time.monotonic() > deadline or process.poll() is not None:
            raise RuntimeError(f"{' '.join(command)} does not start")
        time.sleep(0.05)
    return process


def answers(url: str) -> bool:
    """Returns whether a server of ours is up."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def cpu_s(process: int) -> float:
    """Returns the seconds of a core that a process has used so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mib(process: int) -> float:
    """Returns the memory that a process holds, in MiB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def free_port() -> int:
    """Returns a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
