"""A collector as a process of its own, on a free port."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import httpx

from tests.collector.live import PROTOBUF
from tests.collector.shipment import Shipment
from tests.forked import Forked

#: Seconds that a start or an end may take on a busy machine.
PATIENCE = 30


class Process:
    """One that is forked from a process that has imported all of it; `FreshProcess` imports it again."""

    popen: "Forked | subprocess.Popen[str]"

    def __init__(self, folder: Path, **environment: str) -> None:
        self.start(
            {
                **{name: value for name, value in os.environ.items() if not name.startswith(("CAUSELINE_", "OTEL_"))},
                "CAUSELINE_COLLECTOR_PORT": "0",
                "CAUSELINE_DATABASE": str(folder / "causeline.duckdb"),
                "CAUSELINE_HOME": str(folder),
                # Nobody listens there: the bus is away, and must not matter.
                "CAUSELINE_REDIS_URL": "redis://127.0.0.1:1",
                "CAUSELINE_RETENTION_DAYS": "0",  # stories are months old
                **environment,
            }
        )

    def start(self, environment: dict[str, str]) -> None:
        """Starts it with these variables alone."""
        self.popen = Forked("collector", environment=environment)

    def line(self) -> str:
        """The next line that it says on stdout."""
        assert self.popen.stdout
        return self.popen.stdout.readline()

    def address(self) -> str:
        """The address, once it listens."""
        words = self.line().split()
        self.grpc_port = next((int(word.rstrip("),")) for word in words if word.rstrip("),").isdecimal()), 0)
        return next(word for word in words if word.startswith("http://")).rstrip(",")

    def end(self, ending: signal.Signals) -> tuple[int, str]:
        """Sends a signal; the exit status, and what was said on stderr."""
        self.popen.send_signal(ending)
        return self.wait()

    def wait(self) -> tuple[int, str]:
        """The exit status, and what was said on stderr."""
        _, said = self.popen.communicate(timeout=PATIENCE)
        return self.popen.returncode, said

    def remove(self) -> None:
        """Kills it, unless it has ended."""
        if self.popen.poll() is None:
            self.popen.kill()
            self.popen.communicate()


class FreshProcess(Process):
    """One that begins as a user's does: with an interpreter of its own."""

    def start(self, environment: dict[str, str]) -> None:
        """Starts it with these variables alone."""
        parent = environment.get("CAUSELINE_PARENT_FD")
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "collector"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=[int(parent)] if parent else [],
        )


def send(url: str, shipment: Shipment) -> None:
    """Stores a shipment."""
    httpx.post(f"{url}/v1/traces", content=shipment.story.request(), headers=PROTOBUF, timeout=60).raise_for_status()


def stored(folder: Path) -> int:
    """Spans in the database of a collector that is gone."""
    with duckdb.connect(folder / "causeline.duckdb") as connection:
        return connection.execute("SELECT count(*) FROM spans").fetchall()[0][0]
