"""A child that is kept up comes back, but not for ever."""

import os
import signal
import subprocess

import pytest

from runtime.errors import ChildError
from runtime.supervisor.restarts import MOST, WINDOW, Restarts
from runtime.supervisor.supervisor import Supervisor
from tests.processes import is_running
from tests.runtime.supervisor.conftest import MakePlan

_STAYS = "import signal; signal.pause()"


def test_a_few_in_a_window_are_allowed_and_more_once_it_has_passed() -> None:
    """An accident now and then is none of the child's fault."""
    now = 100.0
    restarts = Restarts(lambda: now)
    assert [restarts.allow() for _ in range(MOST + 1)] == [True] * MOST + [False]

    now += WINDOW
    assert restarts.allow()


def test_a_child_that_is_kept_up_is_started_again(plan: MakePlan) -> None:
    """With its own plan, in its own place, and with a word about it; the others go on."""
    told: list[str] = []
    with Supervisor(told.append) as supervisor:
        (collector,) = supervisor.start(plan("collector", _STAYS))
        (worker,) = supervisor.start(plan("worker", _STAYS))
        supervisor.keep_up(collector)
        collector.kill()
        collector.wait(10)
        supervisor.maintain_children()
        supervisor.require_all_alive()

        assert (collector.status, worker.status) == (-signal.SIGKILL, None)
        assert told == ["collector ended; starting it again"]

    assert told[1:] == ["ending worker", "ending collector"]


def test_a_child_that_is_not_kept_up_stays_ended(plan: MakePlan) -> None:
    """Somebody else decides about it."""
    with Supervisor() as supervisor:
        (worker,) = supervisor.start(plan("worker", "raise SystemExit(3)"))
        worker.wait(10)
        supervisor.maintain_children()
        with pytest.raises(ChildError, match="worker ended by itself with status 3"):
            supervisor.wait_for_signal()


def test_a_child_that_ends_again_and_again_is_given_up(plan: MakePlan) -> None:
    """With its last lines, as if it were not kept up."""
    told: list[str] = []
    with Supervisor(told.append) as supervisor:
        (collector,) = supervisor.start(plan("collector", "import sys; sys.exit('the disk is full')"))
        supervisor.keep_up(collector)
        with pytest.raises(ChildError, match=r"collector ended by itself with status 1\n    the disk is full"):
            supervisor.wait_for_signal()

    assert told == ["collector ended; starting it again"] * MOST


def test_a_signal_during_a_restart_leaves_nothing_behind(plan: MakePlan, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new child is known before the wish to end is heeded, and ended as any other."""
    started: list[int] = []

    def interrupted(*arguments: object, **options: object) -> "subprocess.Popen[bytes]":
        child = popen(*arguments, **options)
        started.append(child.pid)
        os.kill(os.getpid(), signal.SIGINT)
        return child

    popen = subprocess.Popen
    with Supervisor() as supervisor:
        (collector,) = supervisor.start(plan("collector", _STAYS))
        supervisor.keep_up(collector)
        collector.kill()
        collector.wait(10)
        monkeypatch.setattr("runtime.supervisor.child.subprocess.Popen", interrupted)
        supervisor.maintain_children()
        pytest.fail("the signal was not heeded")

    assert len(started) == 1
    assert not is_running(started[0])
