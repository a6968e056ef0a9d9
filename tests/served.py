"""Worker processes as a user starts them."""

import asyncio
import os
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self

from runtime.supervisor.python import child_environment
from tests.diary import Diary
from tests.forked import Forked
from tests.waiting import PATIENCE, until

ROOT: Final = Path(__file__).parents[1]

#: Variable that names the folder of the diary to the app.
FOLDER: Final = "SERVED_FOLDER"


class Served:
    """`causeline worker` of an app, in a session of its own. Leaving its block kills what is left of it.

    Args:
        target: of the app.
        folder: for diary and log.
        url: of the server.
        settings: variables beside that, without their prefix.
        words: of the command line, beside the target.
    """

    def __init__(
        self,
        target: str,
        folder: Path,
        url: str,
        settings: Mapping[str, object] | None = None,
        words: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self.diary = Diary(folder)
        self._command = ("runtime.cli", "worker", target, *words)
        given = {"REDIS_URL": url, "HOME": folder / "home", "TELEMETRY": "false", **(settings or {})}
        self._environ = child_environment({f"CAUSELINE_{name}": str(value) for name, value in given.items()})
        self._environ[FOLDER] = str(folder)

    def __enter__(self) -> Self:
        log = self.folder / "log"
        self.process = Forked(*self._command, environment=self._environ, folder=ROOT, log=log)
        return self

    def __exit__(self, *_: object) -> None:
        self.kill_group()

    @property
    def log(self) -> str:
        """What it has said."""
        return (self.folder / "log").read_text()

    async def until(self, what: str, key: str = "", times: int = 1) -> list[dict[str, Any]]:
        """Waits for so many rows of a kind."""

        def found() -> list[dict[str, Any]] | None:
            rows = [row for row in self.diary.rows(what) if not key or row["key"] == key]
            return rows if len(rows) >= times else None

        try:
            return await until(found, f"{times} {what} {key}")
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.log}") from None

    async def until_said(self, words: str) -> None:
        """Waits until it has said something."""
        await until(lambda: words in self.log, words)

    async def end(self, *numbers: signal.Signals, patience: float = PATIENCE) -> float:
        """Sends it signals, one by one; it has ended with status 0. Seconds that it took from the last one."""
        for number in numbers or (signal.SIGTERM,):
            began = time.monotonic()
            self.process.send_signal(number)
        assert await asyncio.to_thread(self.process.wait, patience) == 0, self.log
        return time.monotonic() - began

    def kill(self) -> None:
        """Ends its parent process with SIGKILL."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def kill_group(self) -> None:
        """Ends all of its processes with SIGKILL."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
