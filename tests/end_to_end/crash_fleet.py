"""Workers of the crash tests: started, killed, restarted, and ended one by one."""

import os
import random
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from runtime.telemetry.setup import SPOOL
from tests.diary import Diary
from tests.end_to_end.crash_points import MARKERS, POINTS_VARIABLE
from tests.forked import Forked
from tests.processes import children_of, is_running
from tests.servers import free_port
from tests.waiting import until

_LIMIT: Final = 60.0
_ROOT: Final = Path(__file__).parents[2]


class Fleet:
    """Workers of one test, each below a parent of its own, in a session of its own. Leaving its block kills all.

    Args:
        url: of the server.
        folder: of the test: diary, markers, logs.
        points: where the first process to get there dies, by name and separated by commas.
        kills: of cells that make their work poison.
        settings: variables of the workers, without their prefix.
        program: what a worker runs.
    """

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        points: str = "",
        kills: int = 3,
        settings: Mapping[str, object] | None = None,
        program: str = "tests.end_to_end.crash_worker",
    ) -> None:
        self._program = program
        self.markers = folder / "markers"
        self.markers.mkdir()
        self.log = folder / "workers.log"
        self.parents: list[Forked] = []
        self._arguments = (str(folder), str(kills))
        away = f"http://127.0.0.1:{free_port()}"  # spans are made, cleaned and spooled, as workers do where it matters
        given = {"REDIS_URL": url, "HOME": folder / "home", "TELEMETRY": "true", "COLLECTOR_URL": away}
        given |= settings or {}
        self._spool = folder / "home" / SPOOL
        self._environ = os.environ | {f"CAUSELINE_{name}": str(value) for name, value in given.items()}
        self._environ |= {POINTS_VARIABLE: points, MARKERS: str(self.markers)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for parent in self.parents:
            self.kill_group(parent)

    def start(self, number: int = 1, url: str = "") -> Forked:
        """Starts workers; the parent of the last of them. They reach the server by way of `url` where it is given."""
        way = {"CAUSELINE_REDIS_URL": url} if url else {}
        for _ in range(number):
            command, environment = (self._program, *self._arguments), self._environ | way
            self.parents.append(Forked(*command, environment=environment, folder=_ROOT, log=self.log))
        return self.parents[-1]

    async def works(self) -> None:
        """Waits until every worker that was started works: one that can't reach its server yet gives up."""
        await until(lambda: self._has_begun() >= len(self.parents), "all workers work", _LIMIT)

    def _has_begun(self) -> int:
        return self.log.read_text().count(" works for ") if self.log.exists() else 0

    @property
    def has_traced(self) -> bool:
        """Whether spans wait for their collector, which nobody has started."""
        return any(file.stat().st_size for file in self._spool.rglob("*") if file.is_file())

    @property
    def killed(self) -> set[str]:
        """The points at which a process has died."""
        return {path.name for path in self.markers.iterdir()}

    @property
    def alive(self) -> list[Forked]:
        """Parents that run."""
        return [parent for parent in self.parents if parent.poll() is None]

    def children_of(self, parent: Forked) -> list[int]:
        """The worker, and the cells, of a parent; from the first of them on it ends in order when it is told to."""
        return [pid for pid in children_of(parent.pid) if is_running(pid)] if parent.poll() is None else []

    def at_work(self, diary: Diary) -> list[int]:
        """Processes that run and have begun to work: workers and cells."""
        begun = {row["pid"] for what in ("step", "handler") for row in diary.rows(what)}
        return [pid for pid in sorted(begun) if is_running(pid)]

    def strike(self, at_work: list[int], chance: random.Random) -> None:
        """Kills one of some processes, which may have ended meanwhile, or all of one worker, which is started anew."""
        if chance.random() < 0.25:
            self.kill_group(chance.choice(self.alive))
            self.start()
            return
        with suppress(ProcessLookupError):
            os.kill(chance.choice(at_work), signal.SIGKILL)

    def kill_group(self, parent: Forked) -> None:
        """Ends all processes of a worker with SIGKILL, and waits until its parent is gone."""
        with suppress(ProcessLookupError):
            os.killpg(parent.pid, signal.SIGKILL)
        parent.wait(_LIMIT)
