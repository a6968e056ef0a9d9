"""The parent of a worker: forks it and its cells from an app that is imported once, and sees how they end.

It runs none of the user's code but what importing the app runs. That makes a new worker or cell start within
milliseconds, and lets the parent end them in time whatever their code does.
"""

import logging
import os
import secrets
import select
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NoReturn

from runtime.supervisor.ending import end_process
from runtime.worker.cell_order import CellOrder
from runtime.worker.link import READY, Lines, News, ParentLink
from runtime.worker.signals import SAME_ORDER, SIGNALS

_log = logging.getLogger("causeline.worker")

#: Seconds that a second signal gives to what is under way.
HURRY: Final = 2.0
#: Seconds of rest before a worker is started again that died young; doubles with each that does.
FIRST_REST: Final = 0.1
LONGEST_REST: Final = 5.0
#: Seconds of life after which a worker's death is no reason to rest.
YOUNG: Final = 10.0
#: Seconds between two looks where nothing else wakes the parent.
_LOOK: Final = 1.0


@dataclass(frozen=True, slots=True)
class Seat:
    """What a child is given: its name, and the end of a pipe that is closed when its parent is gone."""

    consumer: str
    lifeline: int


@dataclass(slots=True)
class _Worker:
    pid: int
    consumer: str
    orders: Lines
    news: int
    began: float
    is_ready: bool = False


@dataclass(slots=True)
class _Cell:
    pid: int
    order: CellOrder
    done: Lines
    """A line comes when the cell has settled its work; without one its end was not its own doing."""
    is_done: bool = False


class Parent:
    """Keeps one worker up, and starts cells for it, until it is told to end.

    Args:
        work: runs the worker in the forked process; returns its exit status.
        run_cell: runs a cell there; calls the function that it is given once its work is settled.
        shutdown: seconds from the first signal until everything is killed that has not ended.
        lifeline: a descriptor that is closed when the parent's own parent is gone, if it has one.
    """

    def __init__(
        self,
        work: Callable[[Seat, ParentLink], int],
        run_cell: Callable[[Seat, CellOrder, Callable[[], None]], int],
        shutdown: float,
        lifeline: int | None,
    ) -> None:
        self._work = work
        self._run_cell = run_cell
        self._shutdown = shutdown
        self._lifeline = lifeline
        self._grip_read, self._grip = os.pipe()
        self._signals, self._wake = os.pipe()
        self._worker: _Worker | None = None
        self._cells: dict[str, _Cell] = {}
        self._untaken: list[News] = []
        self._rest = 0.0
        self._start_at = 0.0
        self._first_signal: float | None = None
        self._deadline: float | None = None
        self._status = 0

    def run(self) -> int:
        """Works until INT, TERM, HUP or the end of its own parent; returns the exit status."""
        self._heed_signals()
        while not self._is_over():
            self._start_worker()
            self._wait()
            self._reap()
            self._keep_deadline()
        return self._status

    def _is_over(self) -> bool:
        is_ending = self._first_signal is not None or self._status != 0
        return is_ending and self._worker is None and not self._cells

    # Starting

    def _start_worker(self) -> None:
        if self._worker or self._first_signal is not None or self._status or time.monotonic() < self._start_at:
            return
        consumer = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        orders_read, orders = os.pipe()
        news_read, news = os.pipe()
        pid = os.fork()
        if pid == 0:
            self._become_child(orders_read, news)
            link = ParentLink(Lines(news_read), orders)
            _live(lambda: self._work(Seat(consumer, self._grip_read), link))
        os.close(orders)
        os.close(news_read)
        self._worker = _Worker(pid, consumer, Lines(orders_read), news, time.monotonic())
        for untaken in self._untaken:
            self._tell(untaken)
        self._untaken.clear()
        for cell in self._cells.values():
            self._tell(News("running", cell.order.consumer, cell.order))

    def _start_cell(self, order: CellOrder) -> None:
        done_read, done = os.pipe()
        pid = os.fork()
        if pid == 0:
            self._become_child(done_read)
            seat = Seat(order.consumer, self._grip_read)
            _live(lambda: self._run_cell(seat, order, lambda: _write(done, b"done\n")))
        os.close(done)
        self._cells[order.consumer] = _Cell(pid, order, Lines(done_read))

    def _become_child(self, *alien: int) -> None:
        """Lets go of all that is the parent's: a child that kept the grip would never see its parent's end."""
        signal.set_wakeup_fd(-1)
        for number in (*SIGNALS, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        mine = [self._grip, self._signals, self._wake, *alien]
        mine += [self._worker.orders.descriptor, self._worker.news] if self._worker else []
        mine += [cell.done.descriptor for cell in self._cells.values()]
        mine += [self._lifeline] if self._lifeline is not None else []
        for descriptor in mine:
            os.close(descriptor)

    # Waiting

    def _heed_signals(self) -> None:
        os.set_blocking(self._signals, False)
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        for number in (*SIGNALS, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)  # its number comes through the pipe

    def _wait(self) -> None:
        watched = [self._signals]
        watched += [self._lifeline] if self._lifeline is not None and self._first_signal is None else []
        watched += [self._worker.orders.descriptor] if self._worker else []
        ready, _, _ = select.select(watched, [], [], self._patience())
        if self._signals in ready:
            for number in os.read(self._signals, 4096):
                if number in SIGNALS:
                    self._told_to_end()
        if self._lifeline in ready:
            self._told_to_end()
        if self._worker and self._worker.orders.descriptor in ready:
            self._take_orders(self._worker)

    def _patience(self) -> float:
        due = [self._start_at] if self._worker is None and not self._first_signal else []
        due += [self._deadline] if self._deadline is not None else []
        now = time.monotonic()
        return max(0.0, min([_LOOK, *(moment - now for moment in due)]))

    def _take_orders(self, worker: _Worker) -> None:
        for line in worker.orders.read() or ():
            if line + b"\n" == READY:
                worker.is_ready = True
            elif self._first_signal is None:
                self._start_cell(CellOrder.decode(line))

    # Ending

    def _told_to_end(self) -> None:
        now = time.monotonic()
        if self._first_signal is None:
            self._first_signal = now
            self._deadline = now + self._shutdown
        elif now - self._first_signal < SAME_ORDER:
            return
        else:
            self._deadline = min(self._deadline or now, now + HURRY)
        self._signal_all(signal.SIGTERM)

    def _keep_deadline(self) -> None:
        if self._deadline is not None and time.monotonic() >= self._deadline:
            self._signal_all(signal.SIGKILL)

    def _signal_all(self, number: signal.Signals) -> None:
        pids = [cell.pid for cell in self._cells.values()] + ([self._worker.pid] if self._worker else [])
        for pid in pids:
            os.kill(pid, number)  # not reaped yet, so the number is still theirs

    def _reap(self) -> None:
        if self._worker and (status := _ended(self._worker.pid)) is not None:
            worker, self._worker = self._worker, None
            self._take_orders(worker)
            worker.orders.close()
            os.close(worker.news)
            self._worker_ended(worker, status)
        for cell in list(self._cells.values()):
            if _ended(cell.pid) is not None:
                del self._cells[cell.order.consumer]
                is_done = bool(cell.done.read())
                cell.done.close()
                self._tell(News("ended" if is_done or self._deadline else "killed", cell.order.consumer))

    def _worker_ended(self, worker: _Worker, status: int) -> None:
        if self._first_signal is not None:
            return
        if not worker.is_ready and status > 0:
            self._status = status  # it has said why
            self._signal_all(signal.SIGTERM)
            return
        was_young = time.monotonic() - worker.began < YOUNG
        self._rest = min(LONGEST_REST, max(FIRST_REST, self._rest * 2)) if was_young else 0.0
        self._start_at = time.monotonic() + self._rest
        self._untaken.append(News("lost", worker.consumer))
        how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        _log.warning("worker %s %s; another one takes its place", worker.consumer, how)

    def _tell(self, news: News) -> None:
        if self._worker is None:
            self._untaken.append(news)
        else:
            _write(self._worker.news, news.encode())


def _live(work: Callable[[], int]) -> NoReturn:
    """Lives the life of a child; whatever happens in it, it never comes back to the parent's code."""
    try:
        status = work()
    except BaseException:  # noqa: BLE001 - the last words of a process
        _log.exception("process %d ends", os.getpid())
        status = 1
    end_process(status)


def _ended(pid: int) -> int | None:
    """How a child has ended: its status, or the negative number of the signal that ended it; None while it lives."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _write(descriptor: int, line: bytes) -> None:
    try:
        os.write(descriptor, line)
    except BrokenPipeError:
        _log.debug("a child is gone that was told something")
