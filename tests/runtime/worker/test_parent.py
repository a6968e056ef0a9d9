"""A parent keeps a worker up, starts its cells, and sees how each of them ends."""

import os
import signal
from collections.abc import Iterator

import pytest

from runtime.worker.children import WorkerChild
from runtime.worker.link import LineReader, LineWriter, ParentMessage
from runtime.worker.parent import Parent
from tests.processes import is_running, parent_of
from tests.runtime.worker.family import SLACK, Family
from tests.runtime.worker.parent_program import FAILS
from tests.waiting import until_sync


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


@pytest.fixture
def deaf() -> Iterator[tuple[Parent, WorkerChild, LineReader]]:
    """A parent, its worker that listens to nothing, and what it would hear."""
    (says, said), (read, write) = os.pipe(), os.pipe()
    parent, lines = Parent(lambda *_: 0, lambda *_: 0, 60, None), LineReader(read)
    worker = WorkerChild(os.getpid(), LineReader(says), consumer="w1", news=LineWriter(write), began=0.0, is_ready=True)
    parent._worker, parent._has_worked = worker, True
    yield parent, worker, lines
    worker.close()
    lines.close()
    for descriptor in (said, *parent._own_descriptors()[:3], parent._grip_read):
        os.close(descriptor)


MANY = [ParentMessage("ended", f"w1.cell-{number}") for number in range(3_000)]


def test_a_parent_does_not_wait_for_a_worker_that_is_held(deaf: tuple[Parent, WorkerChild, LineReader]):
    """It has deadlines to keep. What the worker has no room for it hears once it listens again, in order."""
    parent, worker, lines = deaf
    for news in MANY:
        parent._tell_worker(news)
    assert worker.news.count_waiting > 0
    heard: list[ParentMessage] = []
    while len(heard) < len(MANY):
        parent._wait_for_events()
        heard += [ParentMessage.decode(line) for line in lines.read() or ()]
    assert heard == MANY


def test_what_a_worker_can_not_have_heard_that_dies_is_told_to_the_next(deaf: tuple[Parent, WorkerChild, LineReader]):
    """However much that is, and the last of what it was told, too."""
    parent, worker, _ = deaf
    for news in MANY:
        parent._tell_worker(news)
    waiting = worker.news.count_waiting
    parent._worker = None
    parent._handle_worker_end(worker, -signal.SIGKILL)
    assert parent._untaken == [*MANY[-waiting - 100 :], ParentMessage("lost", "w1")]


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
