"""A parent whose worker and cells do as the test tells them: `python -m ... FOLDER SHUTDOWN`.

The worker orders a cell for each file in `orders`, named after what that is to do, and notes all news. Files in the
folder are switches: `fail` has a worker fail before it is ready, `deaf` has it ignore signals, `no-forks` has the
system refuse new processes, `go` lets cells go on that wait.
"""

import os
import signal
import sys
from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Final

from runtime.supervisor.lifeline import take_lifeline, watch_lifeline
from runtime.worker.cell_order import CellOrder
from runtime.worker.children import ChildSetup
from runtime.worker.link import CellLink, ParentLink
from runtime.worker.parent import Parent
from tests.diary import Diary
from tests.waiting import until_sync

#: Exit status of a worker that is told to fail.
FAILS: Final = 3
#: Seconds that a child has to end by itself once its parent is gone.
_ORPHANED: Final = 0.3


class Program:
    """What the children of one test do."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._diary = Diary(folder)

    def work(self, seat: ChildSetup, link: ParentLink) -> int:
        """The worker."""
        told = self._ear("deaf")
        watch_lifeline(seat.lifeline, _ORPHANED)
        self._diary.note("worker", seat.consumer)
        if self._is_on("fail"):
            return FAILS
        link.send_ready()
        ordered: set[str] = set()

        def is_over() -> bool:
            link.read_messages(
                lambda news: self._diary.note(news.what, news.consumer, task=news.order and news.order.task)
            )
            for path in sorted((self._folder / "orders").iterdir()):
                if path.name not in ordered:
                    ordered.add(path.name)
                    path.unlink()
                    link.order_cell(CellOrder(path.name, task=path.name.partition("-")[0]))
            return told()

        until_sync(is_over, "the order to end", inf)
        return 0

    def cell(self, seat: ChildSetup, order: CellOrder, link: CellLink) -> int:
        """A cell."""
        told = self._ear("deaf" if order.task == "deaf" else "")
        watch_lifeline(seat.lifeline, _ORPHANED)
        self._diary.note("cell", seat.consumer)
        match order.task:
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "exit":
                os._exit(0)
            case "fail":
                return 1
            case "hold" | "deaf":
                until_sync(lambda: told() or self._is_on("go"), "the order to go on, or to end", inf)
            case "rest":
                link.send_holds()
                with link.rest(), link.rest():
                    until_sync(lambda: self._is_on("go"), "the order to go on", inf)
        if order.task != "cut":
            link.send_done()
        return 0

    def refuse_forks(self) -> None:
        """Lets the system refuse processes while the switch is on."""
        fork = os.fork

        def refusing() -> int:
            if self._is_on("no-forks"):
                raise BlockingIOError(11, "Resource temporarily unavailable")
            return fork()

        os.fork = refusing

    def _is_on(self, switch: str) -> bool:
        return (self._folder / switch).exists()

    def _ear(self, deaf: str) -> Callable[[], bool]:
        """Whether a signal has come that is not ignored."""
        heard: list[int] = []

        def hear(number: int, _: object) -> None:
            self._diary.note("signal", str(number))
            if not (deaf and self._is_on(deaf)):
                heard.append(number)

        signal.signal(signal.SIGTERM, hear)
        return lambda: bool(heard)


def main(folder: Path, shutdown: float) -> int:
    """Works until told to end."""
    program = Program(folder)
    program.refuse_forks()
    return Parent(program.work, program.cell, shutdown, take_lifeline()).run()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), float(sys.argv[2])))
