"""Keeping a worker up whose code is being written: a new one after each change, and after a death of its own."""

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NoReturn

from runtime.cli.source_watch import SourceWatch
from runtime.cli.terminal import say
from runtime.supervisor.child import CANNOT_START, Child, Plan
from runtime.supervisor.restarts import MOST, WINDOW, Restarts
from runtime.supervisor.supervisor import Supervisor

#: Seconds between two looks at the source files.
POLL: Final = 0.5


def keep_reloading(supervisor: Supervisor, plan: Callable[[Path], Plan], target: str) -> NoReturn:
    """Keeps a worker up until somebody ends this process. One that can't import its app waits for the change that mends
    it; before a new one starts, the former ends what is under way.

    Args:
        supervisor: of the worker, and of what it needs; that is mended meanwhile.
        plan: how to start it, by the file where it is to note its imports.
        target: `module:app`, `file.py` or `file.py:app`.
    """
    restarts = Restarts()
    with TemporaryDirectory(prefix="causeline-") as folder:
        notes = Path(folder) / "imports"
        while True:
            watch = SourceWatch(target, notes)
            (worker,) = supervisor.start(plan(notes))
            if changed := _await_change(supervisor, worker, watch, restarts):
                restarts = Restarts()
                say(f"{_relative_path(changed)} changed{_describe_ending(worker)}")
            supervisor.end([worker])


def _await_change(supervisor: Supervisor, worker: Child, watch: SourceWatch, restarts: Restarts) -> Path | None:
    """Waits until the worker's code changes; which file did, or None once it died and may be started again."""
    told = failed = False
    while not (changed := watch.find_change(failed=failed)):
        supervisor.maintain_children()
        if worker.status is not None and not told:
            failed = not watch.is_loaded
            if not failed and worker.status != CANNOT_START and restarts.allow():
                say(f"the worker {worker.ending}; starting it again")
                return None
            told = True
            say(f"the worker {worker.ending}{_describe_waiting(worker, watch, failed=failed)}")
        time.sleep(POLL)
    return changed


def _describe_waiting(worker: Child, watch: SourceWatch, *, failed: bool) -> str:
    """What a worker that is not started again waits for."""
    if failed:
        return (
            f" before its app was loaded: waiting for a change in {_relative_path(watch.folder)} or in what it imports"
        )
    if worker.status == CANNOT_START:
        return ": waiting for a change of its code"
    return f", {MOST + 1} times within {WINDOW:.0f} s: waiting for a change of its code"


def _describe_ending(worker: Child) -> str:
    if worker.status is not None:
        return ""
    return f": the worker ends what is under way, within {worker.plan.deadline:.0f} s, then a new one starts"


def _relative_path(path: Path) -> Path:
    """As seen from the working folder, where it is below that."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) and path != here else path
