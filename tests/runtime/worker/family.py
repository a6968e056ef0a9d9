"""A parent with its worker and cells, for tests of how it keeps and ends them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final, Self

from runtime.supervisor.lifeline import VARIABLE
from runtime.supervisor.python import child_environment
from tests.diary import Diary
from tests.processes import is_running
from tests.waiting import until_sync

#: Longer than any test lasts.
EVER: Final = 100.0
#: How much longer things may take on a machine that is busy.
SLACK: Final = 10.0


class Family:
    """A parent with its worker and cells. Leaving its block kills them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.diary = Diary(folder)
        (folder / "orders").mkdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.parent.kill()
        self.parent.wait(SLACK)
        for pid in self.pids():
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)

    def start(self, shutdown: float = EVER, lifeline: int | None = None) -> Self:
        """Starts the parent; returns once the worker is there."""
        command = [sys.executable, "-m", "tests.runtime.worker.parent_program", str(self.folder), str(shutdown)]
        log = (self.folder / "log").open("ab")
        given = {} if lifeline is None else {VARIABLE: str(lifeline)}
        self.parent = subprocess.Popen(
            command, stderr=log, env=child_environment(given), pass_fds=() if lifeline is None else (lifeline,)
        )
        log.close()
        self.until("worker")
        return self

    def switch(self, name: str, *, on: bool = True) -> None:
        """Turns a switch."""
        (self.folder / name).touch() if on else (self.folder / name).unlink()

    def order(self, *cells: str) -> None:
        """Has cells ordered, each named `<what it does>-<number>`."""
        for cell in cells:
            (self.folder / "orders" / cell).touch()

    def until(self, what: str, key: str = "", times: int = 1) -> list[dict[str, Any]]:
        """Waits for so many rows of a kind."""

        def found() -> list[dict[str, Any]] | None:
            rows = [row for row in self.diary.rows(what) if not key or row["key"] == key]
            return rows if len(rows) >= times else None

        return until_sync(found, f"{times} {what} {key}: {(self.folder / 'log').read_text()}")

    def pids(self, what: str = "") -> list[int]:
        """Processes of all children, or of those of a kind."""
        return [row["pid"] for kind in ([what] if what else ["worker", "cell"]) for row in self.diary.rows(kind)]

    def log(self) -> str:
        """What the parent said."""
        return (self.folder / "log").read_text()

    def end(self, number: signal.Signals = signal.SIGTERM, patience: float = SLACK) -> float:
        """Tells the parent to end; its children have ended with it. Seconds that it took."""
        began = time.monotonic()
        self.parent.send_signal(number)
        assert self.parent.wait(patience) == 0, self.log()
        assert not [pid for pid in self.pids() if is_running(pid)]
        return time.monotonic() - began
