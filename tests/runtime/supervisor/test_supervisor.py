"""Children are started in order, ended in the reverse order, and never left behind; with real processes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.errors import ChildError
from runtime.supervisor.child import Child
from runtime.supervisor.python import child_environment
from runtime.supervisor.supervisor import EndRequested, Supervisor
from tests.processes import is_running
from tests.runtime.supervisor.conftest import MakePlan
from tests.runtime.supervisor.programs import asked, polite, stubborn, wait_up
from tests.waiting import until_sync


def test_stages_end_in_the_reverse_order_of_their_start(tmp_path: Path, plan: MakePlan) -> None:
    """What others depend on ends last."""
    with Supervisor() as supervisor:
        for name in ("collector", "dashboard", "worker"):
            supervisor.start(plan(name, polite(tmp_path, name)))
        wait_up(tmp_path, "collector", "dashboard", "worker")

    assert (tmp_path / "book").read_text().split() == ["worker", "dashboard", "collector"]


def test_a_child_that_will_not_end_is_killed_after_its_deadline(tmp_path: Path, plan: MakePlan) -> None:
    """And what is below it still ends in order."""
    with Supervisor() as supervisor:
        supervisor.start(plan("collector", polite(tmp_path, "collector")))
        (worker,) = supervisor.start(plan("worker", stubborn(tmp_path, "worker"), deadline=0.1))
        wait_up(tmp_path, "collector", "worker")

    assert worker.status == -signal.SIGKILL
    assert (tmp_path / "book").read_text().split() == ["collector"]


def test_children_of_a_stage_share_their_deadline(tmp_path: Path, plan: MakePlan) -> None:
    """Two that will not end take no longer than one."""
    with Supervisor() as supervisor:
        plans = [plan(name, stubborn(tmp_path, name), deadline=0.2) for name in ("one", "two")]
        children = supervisor.start(*plans)
        wait_up(tmp_path, "one", "two")

    assert [child.status for child in children] == [-signal.SIGKILL, -signal.SIGKILL]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_in_order(tmp_path: Path, plan: MakePlan, number: signal.Signals) -> None:
    """Ctrl-C, a kill, and a closed terminal alike; the caller goes on after the block."""
    with Supervisor() as supervisor:
        for name in ("collector", "worker"):
            supervisor.start(plan(name, polite(tmp_path, name)))
        wait_up(tmp_path, "collector", "worker")
        os.kill(os.getpid(), number)
        supervisor.wait_for_signal()

    assert supervisor.was_asked_to_end
    assert (tmp_path / "book").read_text().split() == ["worker", "collector"]


def test_signals_mean_what_they_meant_before_once_it_is_left(plan: MakePlan) -> None:
    """A library that is done leaves no handlers."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with Supervisor():
        assert signal.getsignal(signal.SIGINT) != before[0]

    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_a_second_signal_kills_all_at_once(tmp_path: Path, plan: MakePlan) -> None:
    """Who is in a hurry does not wait for deadlines."""
    told: list[str] = []

    def once_more(words: str) -> None:
        told.append(words)
        os.kill(os.getpid(), signal.SIGINT)

    with Supervisor(say=once_more) as supervisor:
        children = [
            supervisor.start(plan(name, stubborn(tmp_path, name), deadline=600))[0] for name in ("collector", "worker")
        ]
        wait_up(tmp_path, "collector", "worker")
        os.kill(os.getpid(), signal.SIGINT)
        supervisor.wait_for_signal()

    assert told == ["ending worker"]
    assert [child.status for child in children] == [-signal.SIGKILL, -signal.SIGKILL]


def test_who_is_being_killed_is_not_told_to_end_as_well(
    tmp_path: Path, plan: MakePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the kernel takes to bury it: the collector here dies only once the worker's turn is over."""
    told: list[str] = []
    killed: dict[str, Child] = {}

    def once_more(words: str) -> None:
        told.append(words)
        os.kill(os.getpid(), signal.SIGINT)

    def late(child: Child) -> None:
        killed[child.name] = child
        if child.name == "worker":
            kill(child)

    def wait(child: Child, timeout: float) -> bool:
        if child.name == "collector" and child.name in killed:
            kill(child)
        return wait_for(child, timeout)

    kill, wait_for = Child.kill, Child.wait
    monkeypatch.setattr(Child, "kill", late)
    monkeypatch.setattr(Child, "wait", wait)
    with Supervisor(say=once_more) as supervisor:
        for name in ("collector", "worker"):
            supervisor.start(plan(name, stubborn(tmp_path, name), deadline=600))
        wait_up(tmp_path, "collector", "worker")
        os.kill(os.getpid(), signal.SIGINT)
        supervisor.wait_for_signal()

    assert told == ["ending worker"]
    assert list(killed) == ["collector", "worker"]


def test_a_signal_during_a_start_is_heeded_right_after_it(
    tmp_path: Path, plan: MakePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child between its birth and our knowing it would be left."""
    started: list[int] = []

    def interrupted(*arguments: object, **options: object) -> "subprocess.Popen[bytes]":
        child = popen(*arguments, **options)
        started.append(child.pid)
        os.kill(os.getpid(), signal.SIGINT)
        return child

    popen = subprocess.Popen
    monkeypatch.setattr("runtime.supervisor.child.subprocess.Popen", interrupted)
    with Supervisor() as supervisor:
        supervisor.start(plan("worker", stubborn(tmp_path, "worker"), deadline=0.1))
        pytest.fail("the signal was not heeded")

    assert len(started) == 1
    assert not is_running(started[0])


def test_a_child_that_ends_by_itself_is_told_with_its_last_lines(tmp_path: Path, plan: MakePlan) -> None:
    """What it said before is what helps."""
    with Supervisor() as supervisor:
        supervisor.start(plan("collector", "import sys; sys.exit('the disk is full')"))
        with pytest.raises(ChildError) as caught:
            supervisor.wait_for_signal()

    assert str(caught.value).splitlines() == [
        "collector ended by itself with status 1",
        "    the disk is full",
        f"    all of it: {tmp_path / 'collector.log'}",
    ]


def test_what_a_child_failed_to_do_is_told_with_its_last_lines(tmp_path: Path, plan: MakePlan) -> None:
    """Even where its exit status says nothing."""
    with Supervisor() as supervisor:
        (child,) = supervisor.start(plan("workload", "import sys; print('no road', file=sys.stderr)", speaks=True))
        child.wait(10)

        assert str(child.failure("ended without a report")).splitlines() == [
            "workload ended without a report",
            "    no road",
            f"    all of it: {tmp_path / 'workload.log'}",
        ]


def test_a_child_that_is_killed_is_told_by_the_signals_name(tmp_path: Path, plan: MakePlan) -> None:
    """Not as a negative number."""
    with Supervisor() as supervisor:
        (child,) = supervisor.start(plan("worker", polite(tmp_path, "worker")))
        child.kill()
        with pytest.raises(ChildError, match=r"^worker was ended by SIGKILL"):
            supervisor.wait_for_signal()


def test_an_error_in_the_block_ends_the_children_and_goes_on(tmp_path: Path, plan: MakePlan) -> None:
    """Leaving is leaving."""
    supervisor = Supervisor()
    with pytest.raises(KeyError), supervisor:  # noqa: PT012 - the block is what is tested
        (child,) = supervisor.start(plan("worker", polite(tmp_path, "worker")))
        wait_up(tmp_path, "worker")
        raise KeyError

    assert child.status == 0


def test_some_children_can_be_ended_while_others_stay(tmp_path: Path, plan: MakePlan) -> None:
    """As a reload does."""
    with Supervisor() as supervisor:
        (collector,) = supervisor.start(plan("collector", polite(tmp_path, "collector")))
        (worker,) = supervisor.start(plan("worker", polite(tmp_path, "worker")))
        wait_up(tmp_path, "collector", "worker")
        supervisor.end([worker])
        supervisor.require_all_alive()

        assert (worker.status, collector.status) == (0, None)


def test_who_was_asked_to_end_is_not_asked_once_more(tmp_path: Path, plan: MakePlan) -> None:
    """As by Ctrl-C while a reload waits for a worker: to that a second signal means haste."""
    with Supervisor() as supervisor:
        (worker,) = supervisor.start(plan("worker", asked(tmp_path, "worker")))
        wait_up(tmp_path, "worker")
        worker.ask_to_end()
        until_sync((tmp_path / "book").exists, "it heard")

    assert (tmp_path / "book").read_text().split() == ["asked"]


def test_what_a_child_says_is_read_line_by_line(plan: MakePlan) -> None:
    """Stdout to the parent, stderr to the log."""
    with Supervisor() as supervisor:
        (child,) = supervisor.start(plan("workload", "print('one'); print('two')", speaks=True))

        assert list(child.stdout) == [b"one\n", b"two\n"]


def test_a_new_log_keeps_the_one_before(tmp_path: Path, plan: MakePlan) -> None:
    """What led to a restart can still be read."""
    for word in ("first", "second"):
        with Supervisor() as supervisor:
            (child,) = supervisor.start(plan("worker", f"print({word!r})"))
            assert child.wait(10)

    assert (tmp_path / "worker.log").read_text() == "second\n"
    assert (tmp_path / "worker.log.1").read_text() == "first\n"


_PARENT = """
import sys
from pathlib import Path
from runtime.supervisor.child import Plan
from runtime.supervisor.child import Child
from runtime.supervisor.supervisor import Supervisor
from runtime.supervisor import lifeline
code = f"import runpy, signal; runpy.run_path({lifeline.__file__!r})['hold_lifeline'](); signal.pause()"
with Supervisor() as supervisor:
    children = [supervisor.start(Plan(name, [sys.executable, "-c", code]))[0] for name in ("one", "two")]
    print(*(child.pid for child in children), flush=True)
    supervisor.wait_for_signal()
"""


def test_a_parent_that_is_killed_outright_leaves_no_orphan() -> None:
    """Its death closes the pipe that every child reads."""
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, env=child_environment()) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert all(map(is_running, pids))
        parent.kill()

    assert (len(pids), parent.returncode) == (2, -signal.SIGKILL)
    until_sync(lambda: not any(map(is_running, pids)), "the children end themselves")


def test_a_wish_to_end_is_no_exception_that_code_may_swallow() -> None:
    """`except Exception` lets it through."""
    assert not issubclass(EndRequested, Exception)


def test_a_child_that_is_crashed_is_started_again_where_it_is_kept_up(tmp_path: Path, plan: MakePlan) -> None:
    """It is killed outright, and one that is not there is refused by name."""
    said: list[str] = []
    with Supervisor(said.append) as supervisor:
        (worker,) = supervisor.start(plan("worker", polite(tmp_path, "worker")))
        wait_up(tmp_path, "worker")
        supervisor.keep_up(worker)
        supervisor.crash("worker")
        until_sync(lambda: worker.status is not None, "it is dead")
        supervisor.maintain_children()
        with pytest.raises(ChildError, match="there is no process nobody to be killed"):
            supervisor.crash("nobody")
        assert said == ["killing worker", "worker ended; starting it again"]
    assert worker.status == -signal.SIGKILL
