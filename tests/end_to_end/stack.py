"""A whole Causeline on free loopback ports in a temporary folder: server, collector, workers, each a real process."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from collector.client import ApiError, CollectorClient
from tests.servers import free_port
from tests.waiting import until_sync

START_LIMIT: Final = 30.0
"""Seconds for a process to become ready."""

STOP_LIMIT: Final = 20.0
"""Seconds for a process to end when it is told to."""


class Stack:
    """Use it as a context manager; processes end in the opposite order of their start.

    Args:
        home: an empty folder.
        redis_url: an empty server; None for the embedded one.
    """

    def __init__(self, home: Path, redis_url: str | None) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = CollectorClient(self.url)
        self.environment = {
            **os.environ,
            "CAUSELINE_HOME": str(home),
            "CAUSELINE_COLLECTOR_PORT": str(self.port),
            "CAUSELINE_COLLECTOR_URL": self.url,
            "CAUSELINE_DATABASE": str(home / "causeline.duckdb"),
            "PYTHONUNBUFFERED": "1",
        }
        if redis_url is not None:
            self.environment["CAUSELINE_REDIS_URL"] = redis_url
        self._processes: list[tuple[str, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Self:
        self.start("collector", [sys.executable, "-m", "collector"])
        until_sync(self._is_healthy, "the collector", START_LIMIT)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        for _name, process in reversed(self._processes):
            stop(process)

    def start(self, name: str, command: list[str], **environment: str) -> subprocess.Popen[bytes]:
        """Starts a process whose output goes to `<home>/<name>.out`."""
        with (self.home / f"{name}.out").open("ab") as output:
            process = subprocess.Popen(
                command, env={**self.environment, **environment}, stdout=output, stderr=subprocess.STDOUT
            )
        self._processes.append((name, process))
        return process

    def worker(self, app: str, name: str = "worker", **environment: str) -> subprocess.Popen[bytes]:
        """Starts `causeline worker` for an app, given as `module:app`."""
        return self.start(name, [sys.executable, "-m", "causeline", "worker", app], **environment)

    def output(self, name: str) -> str:
        """What a process has said so far."""
        return (self.home / f"{name}.out").read_text()

    def _is_healthy(self) -> bool:
        with suppress(ApiError):
            return self.client.health().status == "ok"
        return False


def stop(process: subprocess.Popen[bytes]) -> int:
    """Ends a process as an operator would, by force if it does not listen; its exit status."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()
