"""Worker processes of the crash tests: started, killed, restarted, and ended one by one."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Self

from tests.end_to_end.crash_diary import Diary
from tests.end_to_end.crash_points import MARKER, POINT

LIMIT: Final = 60.0
"""Seconds that a condition may take to come true."""
_LOOK: Final = 0.05
_ROOT: Final = Path(__file__).parents[2]

Condition = Callable[[], Awaitable[bool]]


async def until(condition: Condition, what: str, limit: float = LIMIT) -> None:
    """Waits for a condition.

    Raises:
        AssertionError: when it has not come true after `limit` seconds.
    """
    deadline = time.monotonic() + limit
    while not await condition():
        assert time.monotonic() < deadline, f"not within {limit} s: {what}"
        await asyncio.sleep(_LOOK)


class Fleet:
    """Workers of one test; leaving its block kills those that are left.

    Args:
        url: of the server.
        folder: of the test: diary, marker, logs.
        lease: in seconds.
        death_limit: solo deaths that make a poison.
        point: where the first worker to get there dies.
    """

    def __init__(self, url: str, folder: Path, *, lease: float = 0.8, death_limit: int = 3, point: str = "") -> None:
        self.marker = folder / "killed"
        self.workers: list[subprocess.Popen[bytes]] = []
        self._command = [sys.executable, "-m", "tests.end_to_end.crash_worker", str(folder), str(death_limit)]
        self.log = folder / "workers.log"
        self._environ = os.environ | {
            "CAUSELINE_REDIS_URL": url,
            "CAUSELINE_HOME": str(folder / "home"),
            "CAUSELINE_LEASE": str(lease),
            "CAUSELINE_TELEMETRY": "false",
            POINT: point,
            MARKER: str(self.marker),
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.alive:
            self.kill(worker)

    def start(self, number: int = 1) -> subprocess.Popen[bytes]:
        """Starts workers; the last of them."""
        with self.log.open("ab") as log:
            for _ in range(number):
                worker = subprocess.Popen(
                    self._command, env=self._environ, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
                self.workers.append(worker)
        return self.workers[-1]

    @property
    def killed(self) -> int:
        """How many workers died of SIGKILL."""
        return sum(worker.poll() == -signal.SIGKILL for worker in self.workers)

    @property
    def alive(self) -> list[subprocess.Popen[bytes]]:
        """Those that run."""
        return [worker for worker in self.workers if worker.poll() is None]

    def working(self, diary: Diary) -> list[subprocess.Popen[bytes]]:
        """Those of the living that have begun to work."""
        begun = {row["pid"] for what in ("step", "handler") for row in diary.rows(what)}
        return [worker for worker in self.alive if worker.pid in begun]

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """Ends a worker with SIGKILL, and waits until it is gone."""
        worker.kill()
        worker.wait(LIMIT)

    def restart(self, number: int) -> None:
        """Starts as many as are missing of a number of workers."""
        self.start(number - len(self.alive))
