"""A collector of the benchmark's own, on an empty database."""

import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from benchmarks.processes import ProgramError
from benchmarks.server import begin, cpu_s, free_port

#: The share of a core below which it has nothing to do, for how many seconds one after the other it has to be so (what
#: it reads in the background rests in between), and seconds to wait for that at most.
_RESTING: Final = 0.1
_QUIET_S: Final = 3
_PATIENCE_S: Final = 120.0


class CollectorServer:
    """The process, for as long as the block lasts. `url` and `grpc` are where it listens.

    Args:
        folder: where its database lies; made when it isn't there.
        checkout: whose collector it is.
    """

    def __init__(self, folder: Path, checkout: Path) -> None:
        self._folder = folder
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
        command = [sys.executable, "-P", "-m", "collector"]
        self._process = begin(command, self._variables, self._folder, f"{self.url}/healthz")

    def wait_until_idle(self) -> None:
        """Waits until it has read what it reads of a store after its start, while it answers already."""
        spent, over, quiet = self.cpu_s(), time.monotonic() + _PATIENCE_S, 0
        while quiet < _QUIET_S:
            if time.monotonic() > over:
                raise ProgramError("the collector did not come to rest after its start")
            time.sleep(1.0)
            spent, before = self.cpu_s(), spent
            quiet = quiet + 1 if spent - before < _RESTING else 0

    def kill(self) -> None:
        """Ends it as a crash does: what it has committed is in its log alone."""
        self._process.kill()
        self._process.wait()

    @property
    def log_mib(self) -> float:
        """MiB of its write-ahead log."""
        return sum(_size(file) for file in self._folder.glob("*.wal")) / 2**20

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


def _size(file: Path) -> int:
    """Bytes of a file; none of one that has just been removed."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
