"""A worker whose code is being written; with real processes that do no more than import, and end when they are told."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from runtime.cli.imports import VARIABLE
from runtime.cli.reloading import keep_reloading
from runtime.supervisor.child import Plan
from runtime.supervisor.python import child_environment
from runtime.supervisor.supervisor import Supervisor
from tests.processes import is_running
from tests.waiting import until_sync

#: A worker without work.
WORKER = """
from runtime.cli.imports import record_imports

with record_imports():
    import mine
mine.work()
"""

#: An app that says in a book when it is up and what it was told, and has work under way until a file says it is done.
MINE = """
import os, pathlib, signal, sys
import part

folder = pathlib.Path(__file__).parent

def write(line):
    with (folder / "book").open("a") as book:
        book.write(line + "\\n")

def end(*_):
    write("told to end")
    while not (folder / "done").exists():
        signal.sigtimedwait([signal.SIGUSR1], 0.01)
    sys.exit(0)

def work():
    signal.signal(signal.SIGTERM, end)
    write(f"{part.NAME} {os.getpid()}")
    part.go()
"""

#: The part of it that is changed.
PART = """
import signal, sys

NAME = {name!r}

def go():
    {then}
"""

STAY = "while True: signal.pause()"


class Counted(Supervisor):
    """Counts how often it was asked to look after its children: once at each look at the code."""

    looks = 0

    def maintain_children(self) -> None:
        self.looks += 1
        super().maintain_children()


@dataclass
class Stage:
    """What a scenario sees and does, while the main thread keeps the worker up."""

    folder: Path
    said: list[str]
    supervisor: Counted

    def write(self, name: str, then: str = STAY) -> None:
        """Writes the app's part, all of it at once, as editors do."""
        draft = self.folder / "draft"
        draft.write_text(PART.format(name=name, then=then))
        draft.replace(self.folder / "part.py")

    def book(self) -> list[str]:
        path = self.folder / "book"
        return path.read_text().splitlines() if path.exists() else []

    def up(self, name: str, times: int = 1) -> int:
        """Waits until so many workers of this name were up; the last one's process id."""
        until_sync(lambda: len(self._named(name)) >= times, f"{name} is up")
        return int(self._named(name)[times - 1].split()[1])

    def heard(self, words: str) -> str:
        """Waits for words; the whole of what was said with them."""
        return until_sync(lambda: next((said for said in self.said if words in said), None), f"{words!r} is said")

    def look(self) -> None:
        """Waits until the code was looked at, from the beginning, since now."""
        before = self.supervisor.looks
        until_sync(lambda: self.supervisor.looks >= before + 2, "the code was looked at")

    def _named(self, name: str) -> list[str]:
        return [line for line in self.book() if line.startswith(f"{name} ")]


Scenario = Callable[[Stage], None]
Play = Callable[..., list[str]]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Starts a worker of an app, plays a scenario, then presses Ctrl-C; gives back what was said up to that."""
    said: list[str] = []
    monkeypatch.setattr("runtime.cli.reloading.say", said.append)
    monkeypatch.setattr("runtime.cli.reloading.POLL", 0.01)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "done").touch()
    (tmp_path / "mine.py").write_text(MINE)

    def plan(notes: Path) -> Plan:
        settings = child_environment({VARIABLE: str(notes), "PYTHONDONTWRITEBYTECODE": "1"})
        return Plan("worker", [sys.executable, "-c", WORKER], settings, log=tmp_path / "log")

    def perform(scenario: Scenario, then: str = STAY) -> list[str]:
        stage, errors = Stage(tmp_path, said, Counted()), list[BaseException]()
        stage.write("first", then)

        def act() -> None:
            try:
                scenario(stage)
            except BaseException as error:  # noqa: BLE001 - told in the main thread
                errors.append(error)
            finally:
                os.kill(os.getpid(), signal.SIGINT)

        with stage.supervisor:
            thread = threading.Thread(target=act)
            thread.start()
            keep_reloading(stage.supervisor, plan, "mine.py")
        thread.join()
        for error in errors:
            raise error
        return said

    return perform


def test_a_changed_part_of_the_app_starts_a_new_worker(play: Play) -> None:
    """Not only the file that was named; and what is said names the file, as it is seen from here."""

    def scenario(stage: Stage) -> None:
        stage.up("first")
        stage.write("second")
        stage.up("second")

    assert play(scenario) == [
        "part.py changed: the worker ends what is under way, within 10 s, then a new one starts",
    ]


def test_what_is_under_way_ends_before_the_new_worker_starts(play: Play) -> None:
    """It is told once, and never cut off; meanwhile it is said what is waited for."""

    def scenario(stage: Stage) -> None:
        (stage.folder / "done").unlink()
        former = stage.up("first")
        stage.write("second")
        stage.heard("the worker ends what is under way")
        until_sync(lambda: "told to end" in stage.book(), "it was told to end")
        assert is_running(former)
        (stage.folder / "done").touch()
        stage.up("second")
        assert not is_running(former)
        assert [line.split()[0] for line in stage.book()] == ["first", "told", "second"]

    play(scenario)


def test_files_that_the_app_does_not_import_are_nobodys_business(play: Play) -> None:
    """Tests, scripts and another app lie in the same folder."""

    def scenario(stage: Stage) -> None:
        stage.up("first")
        (stage.folder / "test_mine.py").touch()
        stage.look()

    assert play(scenario) == []


def test_a_worker_that_dies_is_started_again(play: Play) -> None:
    """By the hand of another, or because its memory was full."""

    def scenario(stage: Stage) -> None:
        os.kill(stage.up("first"), signal.SIGKILL)
        stage.up("first", times=2)

    assert play(scenario) == ["the worker was ended by SIGKILL; starting it again"]


def test_a_worker_that_dies_too_often_waits_for_a_change(play: Play) -> None:
    """One more start would not mend it; its author will. Then it may die as often as before."""

    def scenario(stage: Stage) -> None:
        stage.heard("waiting for a change")
        assert len([line for line in stage.book() if line.startswith("first ")]) == 4
        stage.write("second")
        os.kill(stage.up("second"), signal.SIGKILL)
        stage.up("second", times=2)

    again = "the worker ended by itself with status 7; starting it again"
    assert play(scenario, "sys.exit(7)") == [
        *[again] * 3,
        "the worker ended by itself with status 7, 4 times within 60 s: waiting for a change of its code",
        "part.py changed",
        "the worker was ended by SIGKILL; starting it again",
    ]


def test_a_worker_that_refuses_to_start_is_not_started_again(play: Play) -> None:
    """It has said what has to be put right first."""

    def scenario(stage: Stage) -> None:
        stage.heard("waiting for a change")
        stage.write("second")
        stage.up("second")

    assert play(scenario, "sys.exit(2)")[0] == (
        "the worker ended by itself with status 2: waiting for a change of its code"
    )


def test_an_app_that_cannot_be_imported_waits_for_the_change_that_mends_it(play: Play, tmp_path: Path) -> None:
    """Here of a file that was not there."""

    def scenario(stage: Stage) -> None:
        stage.heard("waiting for a change")
        (stage.folder / "missing.py").touch()
        stage.up("first")

    (tmp_path / "mine.py").write_text("import missing\n" + MINE)

    waiting = f"waiting for a change in {tmp_path} or in what it imports"
    assert play(scenario) == [
        f"the worker ended by itself with status 1 before its app was loaded: {waiting}",
        "missing.py changed",
    ]
