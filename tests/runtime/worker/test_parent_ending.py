"""A parent ends its worker and its cells in time, whatever they do, and they end with it."""

import os
import signal
import time

import pytest

from runtime.worker.parent import HURRY
from tests.processes import is_running
from tests.runtime.worker.family import EVER, SLACK, Family
from tests.waiting import until_sync


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

    def ends() -> bool:
        family.parent.send_signal(signal.SIGTERM)  # the second order is one that comes later than the first
        return family.parent.poll() is not None

    until_sync(ends, "the parent is gone", patience=HURRY + SLACK)
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
