"""A parent keeps a worker up, starts its cells, sees how each ends, and ends all of them in time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from runtime.supervisor.lifeline import VARIABLE
from runtime.supervisor.python import environment
from runtime.worker.parent import HURRY
from tests.diary import Diary
from tests.processes import is_running, parent_of
from tests.runtime.worker.parent_program import FAILS
from tests.waiting import until_sync

#: Longer than any test lasts.
EVER = 100.0
#: How much longer things may take on a machine that is busy.
SLACK = 10.0


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
            command, stderr=log, env=environment(given), pass_fds=() if lifeline is None else (lifeline,)
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


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Family]:
    with Family(tmp_path) as family:
        yield family


def test_a_worker_that_dies_is_followed_by_another(family: Family):
    """By another name; it is told whose work goes on, and the log says how the first one died."""
    family.start()
    [first] = family.pids("worker")
    os.kill(first, signal.SIGKILL)
    first_one, second_one = family.until("worker", times=2)
    assert family.until("lost", first_one["key"])
    assert second_one["key"] != first_one["key"]
    assert f"worker {first_one['key']} was ended by SIGKILL; another one takes its place" in family.log()
    family.end()


@pytest.mark.parametrize(
    ("what", "news"),
    [("end", "ended"), ("kill", "killed"), ("exit", "killed"), ("fail", "killed"), ("cut", "killed")],
)
def test_how_a_cell_ends_is_told(family: Family, what: str, news: str):
    """One that has settled its work has ended by itself, whatever its status; any other was killed by what ran in it,
    also where that made it look like an orderly end."""
    family.start().order(f"{what}-1")
    family.until(news, f"{what}-1")
    assert [parent_of(pid) for pid in family.pids("worker")] == [family.parent.pid]
    family.end()


def test_cells_run_at_the_same_time(family: Family):
    """As many as are ordered, each a child of the parent."""
    cells = [f"hold-{number}" for number in range(8)]
    family.start().order(*cells)
    family.until("cell", times=8)
    assert {parent_of(pid) for pid in family.pids("cell")} == {family.parent.pid}
    family.switch("go")
    family.until("ended", times=8)
    family.end()


def test_a_cell_that_waits_for_other_work_is_told_of(family: Family):
    """Once, however many waits it has at once; and again when it goes on."""
    family.start().order("rest-1")
    family.until("rests", "rest-1")
    assert not family.diary.rows("works")
    family.switch("go")
    family.until("ended", "rest-1")
    assert [len(family.diary.rows(what, key="rest-1")) for what in ("rests", "works")] == [1, 1]
    family.end()


def test_what_a_worker_was_told_that_dies_is_told_to_the_next(family: Family):
    """It may have died before it heard it: else nobody would know who was killed."""
    family.start().order("kill-1", "end-2")
    family.until("killed", "kill-1")
    family.until("ended", "end-2")
    os.kill(family.pids("worker")[0], signal.SIGKILL)
    family.until("killed", "kill-1", times=2)
    family.until("ended", "end-2", times=2)
    family.end()


def test_what_is_told_to_a_worker_that_does_not_start_is_told_to_the_next(family: Family):
    """Else nobody would know who was killed."""
    family.start().order("hold-1")
    [cell] = family.until("cell")
    family.switch("fail")
    os.kill(family.pids("worker")[0], signal.SIGKILL)
    os.kill(cell["pid"], signal.SIGKILL)
    family.until("worker", times=4)
    family.switch("fail", on=False)
    family.until("killed", "hold-1")
    family.end()


def test_a_new_worker_knows_of_the_cells_that_go_on(family: Family):
    """What they run, and whether they wait; their ends are told to it."""
    family.start().order("hold-1", "rest-2")
    family.until("cell", times=2)
    family.until("rests", "rest-2")
    os.kill(family.pids("worker")[0], signal.SIGKILL)
    assert [row["task"] for row in family.until("running", "hold-1")] == ["hold"]
    family.until("running", "rest-2")
    family.until("holds", "rest-2", times=2)
    family.until("rests", "rest-2", times=2)
    family.switch("go")
    family.until("ended", "hold-1")
    family.until("ended", "rest-2")
    family.end()


def test_a_cell_that_dies_while_no_worker_is_there_is_told_to_the_next(family: Family):
    """It is known who was killed."""
    family.start().order("hold-1")
    [cell] = family.until("cell")
    family.switch("no-forks")
    os.kill(family.pids("worker")[0], signal.SIGKILL)
    until_sync(lambda: "no worker can be started now" in family.log())
    os.kill(cell["pid"], signal.SIGKILL)
    until_sync(lambda: not is_running(cell["pid"]))
    family.switch("no-forks", on=False)
    family.until("worker", times=2)
    family.until("killed", "hold-1")
    assert not family.diary.rows("running")
    family.end()


def test_a_system_without_room_for_a_cell_is_no_death(family: Family):
    """The order is over, and the next one is tried."""
    family.start().switch("no-forks")
    family.order("end-1")
    family.until("ended", "end-1")
    assert "no cell can be started now" in family.log()
    family.switch("no-forks", on=False)
    family.order("end-2")
    family.until("cell", "end-2")
    family.until("ended", "end-2")
    family.end()


def test_a_worker_that_can_not_start_ends_its_parent_with_its_status(family: Family):
    """It has said why, and the next one would say the same."""
    family.switch("fail")
    family.start()
    assert family.parent.wait(SLACK) == FAILS
    assert len(family.pids("worker")) == 1


def test_a_worker_that_can_not_start_any_more_is_tried_again(family: Family):
    """One has worked: what keeps the next from it passes, as a server that is away."""
    family.start().order("end-1")
    family.until("ended", "end-1")
    family.switch("fail")
    os.kill(family.pids("worker")[0], signal.SIGKILL)
    workers = family.until("worker", times=4)
    family.switch("fail", on=False)
    family.until("lost", workers[0]["key"])
    family.order("end-2")
    family.until("ended", "end-2")
    family.end()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_one_signal_ends_all_in_order(family: Family, number: signal.Signals):
    """The worker and its cells are told, whichever signal it is; the status is 0."""
    family.start().order("hold-1", "hold-2")
    family.until("cell", times=2)
    family.end(number)
    assert len(family.until("signal", times=3)) == 3


def test_nothing_is_started_any_more_once_it_is_told_to_end(family: Family):
    """Neither cells nor another worker."""
    family.switch("deaf")
    family.start(shutdown=2)
    family.parent.send_signal(signal.SIGTERM)
    family.until("signal")
    family.order("end-1")
    assert family.parent.wait(SLACK) == 0
    assert (len(family.pids("worker")), family.pids("cell")) == (1, [])


def test_a_worker_hears_that_all_is_to_end_and_how_its_cells_have_ended(family: Family):
    """Those that have to be killed, too, a little before its own time is over; what it orders then never begins."""
    family.switch("deaf")
    family.start(shutdown=4).order("deaf-1", "hold-2")
    family.until("cell", times=2)
    family.parent.send_signal(signal.SIGTERM)
    family.until("ending")
    family.order("end-3")
    for cell in ("hold-2", "end-3", "deaf-1"):
        family.until("ended", cell)
    assert is_running(family.pids("worker")[0])
    assert family.parent.wait(SLACK) == 0
    assert len(family.pids("cell")) == 2


def test_what_does_not_end_in_time_is_killed(family: Family):
    """The worker, and its cells."""
    family.switch("deaf")
    family.start(shutdown=1).order("deaf-1")
    family.until("cell")
    assert family.end() >= 1


def test_a_second_signal_leaves_little_time(family: Family):
    """However long there would be."""
    family.switch("deaf")
    family.start().order("deaf-1")
    family.until("cell")
    family.parent.send_signal(signal.SIGTERM)
    family.until("signal", times=2)
    began = time.monotonic()
    while family.parent.poll() is None:  # the second order is one that comes later than the first
        family.parent.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        assert time.monotonic() - began < HURRY + SLACK
    assert family.parent.wait() == 0
    assert not [pid for pid in family.pids() if is_running(pid)]


def test_two_signals_at_once_are_one_order(family: Family):
    """A terminal tells all of its processes, and a supervisor its own."""
    family.switch("deaf")
    family.start(shutdown=HURRY + 2).order("deaf-1")
    family.until("cell")
    began = time.monotonic()
    family.parent.send_signal(signal.SIGINT)
    family.parent.send_signal(signal.SIGTERM)
    family.parent.wait(EVER)
    assert time.monotonic() - began >= HURRY + 1


def test_it_ends_with_its_own_parent(family: Family):
    """In order, as by a signal."""
    lifeline, grip = os.pipe()
    family.start(lifeline=lifeline)
    os.close(lifeline)
    os.close(grip)
    assert family.parent.wait(SLACK) == 0
    family.until("signal")
    assert not [pid for pid in family.pids() if is_running(pid)]


def test_children_end_when_their_parent_is_killed(family: Family):
    """However deaf they are."""
    family.switch("deaf")
    family.start().order("deaf-1", "hold-2")
    family.until("cell", times=2)
    family.parent.kill()
    until_sync(lambda: not [pid for pid in family.pids() if is_running(pid)], "no orphan is left")
