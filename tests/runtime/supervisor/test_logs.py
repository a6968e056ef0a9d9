"""Logs stay small."""

import os
import stat
from pathlib import Path

import pytest

from runtime.supervisor import logs, supervisor
from runtime.supervisor.supervisor import Supervisor
from tests.runtime.supervisor.conftest import MakePlan
from tests.waiting import until_sync


def former(log: Path) -> list[str]:
    """What stands in the logs before it, the newest first, as far as they are kept."""
    return [path.read_text() for path in sorted(log.parent.glob(f"{log.name}.*"))]


def test_each_begin_keeps_the_two_before(tmp_path: Path) -> None:
    """What led to a restart can still be read."""
    log = tmp_path / "logs" / "x.log"
    for number in range(4):
        with logs.begin_log(log) as begun:
            begun.write(str(number).encode())
    assert (log.read_text(), former(log)) == ("3", ["2", "1"])


def test_a_large_log_is_emptied_while_it_is_written(tmp_path: Path) -> None:
    """Its writer notices nothing, and what it writes next stands at the begin."""
    log = tmp_path / "x.log"
    with logs.begin_log(log) as begun:
        for number in range(4):
            begun.write(str(number).encode() * 10)
            begun.flush()
            logs.keep_small(log, 10)
            logs.keep_small(log, 10)
        begun.write(b"last")
    assert (log.read_text(), former(log)) == ("last", ["3" * 10, "2" * 10])


def test_a_log_that_is_not_there_is_small(tmp_path: Path) -> None:
    """And a folder without room for another is no reason to end."""
    logs.keep_small(tmp_path / "x.log")
    (tmp_path / "y.log").write_text("large")
    (tmp_path / "y.log.1").mkdir()
    (tmp_path / "y.log.2" / "not").mkdir(parents=True)
    logs.keep_small(tmp_path / "y.log", 1)
    assert (tmp_path / "y.log").read_text() == "large"


def test_a_supervisor_keeps_the_logs_of_its_children_small(
    tmp_path: Path, plan: MakePlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much one says, for as long as it lives."""
    monkeypatch.setattr(supervisor, "keep_small", lambda log: logs.keep_small(log, 10_000))
    with Supervisor() as watching:
        watching.start(plan("worker", "while True: print('x' * 1000, flush=True)"))
        seen = set()

        def look() -> bool:
            watching.maintain_children()
            seen.update(path.name for path in tmp_path.glob("worker.log*"))
            return len(seen) == 3

        until_sync(look, "three logs")


def test_logs_are_for_their_user_alone(tmp_path: Path) -> None:
    """Whatever the process leaves to others, and also when what they held moves on."""
    before = os.umask(0)
    try:
        log = tmp_path / "worker.log"
        with logs.begin_log(log) as written:
            written.write(b"x" * 11)
        logs.keep_small(log, 10)
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in sorted(tmp_path.iterdir())] == [0o600, 0o600]
