"""The parent of a worker: forks it and its cells from an app that is imported once, and sees how they end.

It runs none of the user's code but what importing the app runs. That makes a new worker or cell start within
milliseconds, and lets the parent end them in time whatever their code does.
"""

import logging
import math
import os
import select
import signal
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

from runtime.state.presence import new_consumer
from runtime.supervisor.ending import SIGNALS
from runtime.worker.cell_order import CellOrder
from runtime.worker.children import CellChild, Child, ChildSetup, WorkerChild, fork_child
from runtime.worker.link import (
    HOLDS,
    READY,
    RESTS,
    WORKS,
    CellLink,
    LineReader,
    LineWriter,
    ParentLink,
    ParentMessage,
    What,
    open_pipe,
)
from runtime.worker.signals import SAME_ORDER

_log = logging.getLogger("causeline.worker")

#: Seconds that a second signal gives to what is under way.
HURRY: Final = 2.0
#: Seconds of rest before a worker is started again that died young; doubles with each that does.
FIRST_REST: Final = 0.1
LONGEST_REST: Final = 5.0
#: The longest after one that had been at work: whatever work kills a worker does so once, and others should not wait.
LONGEST_AFTER_WORK: Final = 0.5
#: Seconds of life after which a worker's death is no reason to rest.
YOUNG: Final = 10.0
#: What cells are killed before the deadline of all, in seconds, and as a share of the time until then: their worker is
#: to hear of it, and to give back what they held.
CELLS_FIRST: Final = 1.0
CELLS_SHARE: Final = 0.25
#: Seconds that the exit functions of the parent may take where its time is over.
LAST_MOMENT: Final = 0.2
#: Seconds between two looks where nothing else wakes the parent.
_LOOK: Final = 1.0
#: ParentMessage that a worker was told last and that the next one is told again, beside those that it can't have heard.
_TOLD_AGAIN: Final = 100
#: What a cell says that its worker is told.
_PASSED_ON: Final[dict[bytes, What]] = {HOLDS: "holds", RESTS: "rests", WORKS: "works"}


class Parent:
    """Keeps one worker up, and starts cells for it, until it is told to end.

    Args:
        work: runs the worker in the forked process; returns its exit status.
        run_cell: runs a cell there.
        shutdown: seconds from the first signal until everything is killed that has not ended.
        lifeline: a descriptor that is closed when the parent's own parent is gone, if it has one.
    """

    def __init__(
        self,
        work: Callable[[ChildSetup, ParentLink], int],
        run_cell: Callable[[ChildSetup, CellOrder, CellLink], int],
        shutdown: float,
        lifeline: int | None,
    ) -> None:
        self._work = work
        self._run_cell = run_cell
        self._shutdown = shutdown
        self._lifeline = lifeline
        self._grip_read, self._grip = os.pipe()
        self._signals, self._wake = os.pipe()
        self._worker: WorkerChild | None = None
        self._cells: dict[str, CellChild] = {}
        self._untaken: list[ParentMessage] = []
        self._told: deque[ParentMessage] = deque()
        self._rest = 0.0
        self._start_at = 0.0
        self._has_worked = False
        self._first_signal: float | None = None
        self._deadline: float | None = None
        self._cells_deadline = 0.0
        self._status = 0

    def run(self) -> int:
        """Works until INT, TERM, HUP or the end of its own parent; returns the exit status."""
        self._install_signal_handlers()
        while not self._is_over():
            self._start_worker()
            self._wait_for_events()
            self._reap()
            self._enforce_deadline()
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # whoever is impatient must not turn an orderly end into a death
        return self._status

    def time_left(self) -> float:
        """Seconds that it may take to end by itself: what importing the app has left to be done at the end of the
        process takes a moment, even where all time is over."""
        return math.inf if self._deadline is None else max(LAST_MOMENT, self._deadline - time.monotonic())

    def _is_over(self) -> bool:
        return (self._first_signal is not None or self._status != 0) and not self._worker and not self._cells

    # Starting

    def _start_worker(self) -> None:
        if self._worker or self._first_signal is not None or self._status or time.monotonic() < self._start_at:
            return
        began = time.monotonic()
        try:
            self._worker = self._fork_worker(new_consumer(), began)
        except OSError as error:
            _log.error("no worker can be started now: %s", error)
            self._put_off_start(began, LONGEST_REST)

    def _fork_worker(self, consumer: str, began: float) -> WorkerChild:
        with ExitStack() as opened:
            orders_read, orders = open_pipe(opened)
            news_read, news = open_pipe(opened)
            pid = fork_child(
                lambda: self._work(ChildSetup(consumer, self._grip_read), ParentLink(LineReader(news_read), orders)),
                [*self._own_descriptors(), orders_read, news],
            )
            opened.pop_all()
        os.close(orders)
        os.close(news_read)
        return WorkerChild(pid, LineReader(orders_read), consumer=consumer, news=LineWriter(news), began=began)

    def _start_cell(self, order: CellOrder) -> None:
        try:
            self._cells[order.consumer] = self._fork_cell(order)
        except OSError as error:
            _log.error("no cell can be started now: %s", error)
            self._tell_worker(ParentMessage("ended", order.consumer))

    def _fork_cell(self, order: CellOrder) -> CellChild:
        with ExitStack() as opened:
            heard, said = open_pipe(opened)
            pid = fork_child(
                lambda: self._run_cell(ChildSetup(order.consumer, self._grip_read), order, CellLink(said)),
                [*self._own_descriptors(), heard],
            )
            opened.pop_all()
        os.close(said)
        return CellChild(pid, LineReader(heard), order=order)

    def _own_descriptors(self) -> list[int]:
        """What is the parent's alone: a child that kept the grip would never see its parent's end."""
        own = [self._grip, self._signals, self._wake]
        own += [self._worker.says.descriptor, self._worker.news.descriptor] if self._worker else []
        own += [cell.says.descriptor for cell in self._cells.values()]
        return own + ([self._lifeline] if self._lifeline is not None else [])

    def _put_off_start(self, began: float, longest: float) -> None:
        was_young = time.monotonic() - began < YOUNG
        self._rest = min(longest, max(FIRST_REST, self._rest * 2)) if was_young else 0.0
        self._start_at = time.monotonic() + self._rest

    # Waiting

    def _install_signal_handlers(self) -> None:
        os.set_blocking(self._signals, False)
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        for number in (*SIGNALS, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)  # its number comes through the pipe

    def _wait_for_events(self) -> None:
        watched = [self._signals]
        watched += [self._lifeline] if self._lifeline is not None and self._first_signal is None else []
        watched += [child.says.descriptor for child in self._children() if child.is_heard]
        telling = [self._worker.news.descriptor] if self._worker and self._worker.news.count_waiting else []
        ready, has_room, _ = select.select(watched, telling, [], self._seconds_to_wait())
        if self._worker and has_room:
            self._worker.news.flush()
        if self._signals in ready:
            for number in os.read(self._signals, 4096):
                if number in SIGNALS:
                    self._begin_ending()
        if self._lifeline in ready:
            self._begin_ending()
        if self._worker and self._worker.says.descriptor in ready:
            self._read_worker(self._worker)
        for cell in list(self._cells.values()):
            if cell.says.descriptor in ready:
                self._read_cell(cell)

    def _seconds_to_wait(self) -> float:
        due = [self._start_at] if self._worker is None and not self._first_signal else []
        due += [self._deadline] if self._deadline is not None else []
        due += [self._cells_deadline] if self._deadline is not None and self._cells else []
        now = time.monotonic()
        return max(0.0, min([_LOOK, *(moment - now for moment in due)]))

    def _read_worker(self, worker: WorkerChild) -> None:
        for line in worker.read_lines():
            if line == READY:
                self._handle_worker_ready(worker)
            elif self._first_signal is None:
                self._start_cell(CellOrder.decode(line))
            else:
                self._tell_worker(ParentMessage("ended", CellOrder.decode(line).consumer))

    def _handle_worker_ready(self, worker: WorkerChild) -> None:
        """Tells it what nobody was there to hear: one that does not get so far would take it along."""
        worker.is_ready = self._has_worked = True
        untaken, self._untaken = self._untaken, []
        for news in untaken:
            self._tell_worker(news)
        for cell in self._cells.values():
            self._tell_worker(ParentMessage("running", cell.order.consumer, cell.order))
            if cell.holds:
                self._tell_worker(ParentMessage("holds", cell.order.consumer))
            if cell.rests:
                self._tell_worker(ParentMessage("rests", cell.order.consumer))

    def _read_cell(self, cell: CellChild) -> None:
        for line in cell.read_lines():
            if line in _PASSED_ON:
                self._tell_worker(ParentMessage(_PASSED_ON[line], cell.order.consumer))

    def _tell_worker(self, news: ParentMessage) -> None:
        if self._worker is not None and self._worker.is_ready:
            self._worker.news.write(news.encode())
            self._told.append(news)
            while len(self._told) > _TOLD_AGAIN + self._worker.news.count_waiting:
                self._told.popleft()
        else:
            self._untaken.append(news)

    # Ending

    def _begin_ending(self) -> None:
        now = time.monotonic()
        if self._first_signal is None:
            self._first_signal = now
            self._deadline = now + self._shutdown
            self._tell_worker(ParentMessage("ending", ""))
        elif now - self._first_signal < SAME_ORDER:
            return
        else:
            self._deadline = min(self._deadline or now, now + HURRY)
        self._cells_deadline = self._deadline - min(CELLS_FIRST, CELLS_SHARE * (self._deadline - now))
        for child in self._children():
            child.send_signal(signal.SIGTERM)

    def _enforce_deadline(self) -> None:
        if self._deadline is None:
            return
        now = time.monotonic()
        if now >= self._cells_deadline:
            for cell in self._cells.values():
                cell.send_signal(signal.SIGKILL)
        if now >= self._deadline and self._worker is not None:
            self._worker.send_signal(signal.SIGKILL)

    def _children(self) -> list[Child]:
        return [*self._cells.values(), *([self._worker] if self._worker else [])]

    def _reap(self) -> None:
        worker = self._worker
        if worker is not None and (status := worker.poll_exit_status()) is not None:
            self._read_worker(worker)  # it may have ordered cells in its last moment
            self._worker = None
            worker.close()
            self._handle_worker_end(worker, status)
        for cell in list(self._cells.values()):
            if cell.poll_exit_status() is not None:
                del self._cells[cell.order.consumer]
                cell.read_lines()
                cell.says.close()
                was_told = cell.is_done or self._deadline is not None
                self._tell_worker(ParentMessage("ended" if was_told else "killed", cell.order.consumer))

    def _handle_worker_end(self, worker: WorkerChild, status: int) -> None:
        if self._first_signal is not None:
            return
        if not self._has_worked and status > 0:
            self._status = status  # it has said why, and the next would say the same
            return
        self._put_off_start(worker.began, LONGEST_AFTER_WORK if worker.is_ready else LONGEST_REST)
        # It may have died before it heard the last of them; who hears one again changes nothing.
        ends = [news for news in self._told if news.what in ("lost", "killed", "ended")]
        self._untaken = [*ends, *self._untaken, ParentMessage("lost", worker.consumer)]
        self._told.clear()
        how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        _log.warning("worker %s %s; another one takes its place", worker.consumer, how)
