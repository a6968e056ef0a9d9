"""The children of a worker's parent: forked, heard, and reaped."""

import logging
import os
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NoReturn

from runtime.supervisor.ending import SIGNALS, end_process
from runtime.worker.cell_order import CellOrder
from runtime.worker.link import DONE, HOLDS, RESTS, WORKS, LineReader, LineWriter

_log = logging.getLogger("causeline.worker")


@dataclass(frozen=True, slots=True)
class ChildSetup:
    """What a child is given: its name, and the end of a pipe that is closed when its parent is gone."""

    consumer: str
    lifeline: int


@dataclass(slots=True)
class Child:
    """A child as its parent sees it: its process, and what it says."""

    pid: int
    says: LineReader
    is_heard: bool = True
    """It may still say something."""

    def read_lines(self) -> list[bytes]:
        """What it has said since."""
        lines = self.says.read()
        self.is_heard = lines is not None
        return lines or []

    def send_signal(self, number: signal.Signals) -> None:
        """Sends it a signal. It is not reaped yet, so the number of its process is still its own."""
        os.kill(self.pid, number)

    def poll_exit_status(self) -> int | None:
        """How it has ended: its status, or the negative number of the signal that ended it; None while it lives."""
        found, status = os.waitpid(self.pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if found else None


@dataclass(slots=True, kw_only=True)
class WorkerChild(Child):
    """The worker; `news` is where it is told what its parent saw, `began` when it was started."""

    consumer: str
    news: LineWriter
    began: float
    is_ready: bool = False

    def close(self) -> None:
        """Closes both pipes."""
        self.says.close()
        self.news.close()


@dataclass(slots=True, kw_only=True)
class CellChild(Child):
    """A cell. Unless it has said that its work is settled, its end was not its own doing."""

    order: CellOrder
    is_done: bool = False
    holds: bool = False
    rests: bool = False

    def read_lines(self) -> list[bytes]:
        lines = Child.read_lines(self)
        for line in lines:
            self.is_done = self.is_done or line == DONE
            self.holds = self.holds or line == HOLDS
            self.rests = line == RESTS or (self.rests and line != WORKS)
        return lines


def fork_child(life: Callable[[], int], alien: Iterable[int]) -> int:
    """Forks a child; its process.

    Args:
        life: what it does; returns its exit status.
        alien: descriptors that are its parent's, or of other children.

    Raises:
        OSError: the system has no room for another.
    """
    pid = os.fork()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        for number in (*SIGNALS, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        for descriptor in alien:
            os.close(descriptor)
        _run_child(life)
    return pid


def _run_child(life: Callable[[], int]) -> NoReturn:
    """Lives the life of a child; whatever happens in it, it never comes back to the parent's code."""
    try:
        status = life()
    except BaseException:  # noqa: BLE001 - the last words of a process
        _log.exception("process %d ends", os.getpid())
        status = 1
    end_process(status)
