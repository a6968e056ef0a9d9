"""A collector of the benchmark's own, on an empty database."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_START_S: Final = 60.0

_TICKS: Final = os.sysconf("SC_CLK_TCK")


class CollectorServer:
    """The process, for as long as the block lasts. `url` and `grpc` are where it listens.

    Args:
        folder: where its database lies; made when it isn't there.
        checkout: whose collector it is.
    """

    def __init__(self, folder: Path, checkout: Path) -> None:
        self._folder = folder
        self._checkout = checkout
        port, grpc = free_port(), free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.grpc = f"127.0.0.1:{grpc}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CAUSELINE_", "OTEL_"))}
        self._variables = kept | {
            "PYTHONPATH": str(checkout),
            "CAUSELINE_HOME": str(folder),
            "CAUSELINE_COLLECTOR_PORT": str(port),
            "CAUSELINE_GRPC_PORT": str(grpc),
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def start(self) -> None:
        """Starts it, on what lies in its folder, and waits until it answers."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "collector"],
            env=self._variables,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + _START_S
        while not answers(f"{self.url}/healthz"):
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError(f"the collector of {self._checkout} does not start")
            time.sleep(0.05)

    def kill(self) -> None:
        """Ends it as a crash does: what it has committed is in its log alone."""
        self._process.kill()
        self._process.wait()

    @property
    def log_mib(self) -> float:
        """MiB of its write-ahead log."""
        return sum(file.stat().st_size for file in self._folder.glob("*.wal")) / 2**20

    def end(self) -> None:
        """Ends it, with a checkpoint; the database stays. Safe to call twice."""
        self._process.terminate()
        self._process.wait()

    def cpu_s(self) -> float:
        """Seconds of a core that it has used so far."""
        return cpu_s(self._process.pid)

    def peak_mib(self) -> float:
        """Most memory that it has held so far, in MiB."""
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024

    def disk_bytes(self) -> int:
        """Bytes of its database."""
        return sum(file.stat().st_size for file in self._folder.glob("*.duckdb*"))


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


def free_port() -> int:
    """Returns a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
