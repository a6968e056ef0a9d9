"""A vacuum gives room back, keeps all that is stored, and can be shot at any moment."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from collector.errors import StartError
from collector.otlp.decode import logs, metrics
from collector.store import vacuum as vacuums
from collector.store.database import Database
from collector.store.records import RecordWriter
from collector.store.retention.policy import Policy
from collector.store.vacuum import vacuum
from tests.collector.store.retention.signals import log, points
from tests.collector.store.retention.stores import clean, counts, shipped
from tests.collector.store.retention.test_size import fill

#: What is looked at here is the file, or what a process has in mind of it: each test has one of its own.
pytestmark = pytest.mark.usefixtures("path")

#: Vacuums a file, and shoots itself at a step.
SHOT = """
import os, signal, sys
from pathlib import Path
from collector.store.vacuum import vacuum

def reached(step):
    if step == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

vacuum(Path(sys.argv[1]), reached)
"""


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, and the definitions of all that is derived."""
    database = Database.open(path)
    with database.reading() as session:
        cursor = session._cursor
        tables = cursor.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()
        found = {
            name: cursor.table(name).project("CAST(columns(*) AS VARCHAR)").order("ALL").fetchall()
            for (name,) in tables
        }
        found["views"] = cursor.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1").fetchall()
    database.close()
    return found


@pytest.fixture
def full(database: Database, path: Path) -> Path:
    """A closed database with rows in every table, and much room that nothing takes."""
    fill(database, *range(40))
    shipped(database, 100)
    with database.writing() as session:
        RecordWriter(database).write(session, logs.decode(log("stray", day=100)))
        RecordWriter(database).write(session, metrics.decode(points(100)))
    clean(database, 101, Policy(days=10))
    database.close()
    return path


def test_it_gives_room_back_and_keeps_everything(full: Path) -> None:
    """What it says is what the file had and has; beside the file nothing stays but an empty lock."""
    before, kept = full.stat().st_size, contents(full)
    sizes = vacuum(full)
    assert sizes.before <= before  # opening it may cut free room off its end
    assert sizes.after == full.stat().st_size
    assert sizes.after < sizes.before
    assert contents(full) == kept
    assert {file.name: file.stat().st_size for file in full.parent.iterdir() if file != full} == {
        "causeline.duckdb.vacuum.lock": 0
    }


@pytest.mark.parametrize("step", ["folded", "spans", "written", "replaced"])
def test_a_kill_leaves_one_whole_file(full: Path, step: str) -> None:
    """The old one or the new one; the next vacuum does not mind, and cleans up."""
    kept = contents(full)
    done = subprocess.run([sys.executable, "-c", SHOT, str(full), step], check=False, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert contents(full) == kept
    vacuum(full)
    assert contents(full) == kept
    assert not list(full.parent.glob("*.vacuum"))


def test_it_refuses_while_a_collector_holds_the_file(database: Database, path: Path) -> None:
    """Nothing changes, and it says what to do."""
    script = f"from pathlib import Path; from collector.store.vacuum import vacuum; vacuum(Path({str(path)!r}))"
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert "DatabaseLockedError" in done.stderr
    assert "end that one first" in done.stderr
    assert counts(database) == {}


def test_nobody_writes_to_the_file_while_it_is_copied(full: Path) -> None:
    """A collector that starts meanwhile is told that the file is held; a second vacuum, too."""
    said = []
    open_ = "from pathlib import Path; from collector.store.database import Database; Database.open(Path({path!r}))"
    again = "from pathlib import Path; from collector.store.vacuum import vacuum; vacuum(Path({path!r}))"

    def meanwhile(step: str) -> None:
        if step in ("spans", "written"):
            for script in (open_, again):
                command = [sys.executable, "-c", script.format(path=str(full))]
                done = subprocess.run(command, check=False, capture_output=True, text=True)
                said.append(done.stderr.splitlines()[-1])

    vacuum(full, meanwhile)
    assert ["held by another process" in said[0], "vacuumed already" in said[1]] == [True, True], said
    assert len([line for line in said if "DatabaseLockedError" in line]) == 4


def test_without_enough_room_nothing_is_changed(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how much is there, and how much is needed."""
    before = contents(full)
    real: Callable[[Path], object] = vacuums.shutil.disk_usage
    monkeypatch.setattr(vacuums.shutil, "disk_usage", lambda path: real(path)._replace(free=2**20))
    with pytest.raises(StartError, match="1 MiB free, and the copy needs up to"):
        vacuum(full)
    assert contents(full) == before


def test_a_link_stays_a_link(full: Path, tmp_path: Path) -> None:
    """The file that it leads to is written anew, and only its user may read it."""
    link = tmp_path / "elsewhere" / "link.duckdb"
    link.parent.mkdir()
    link.symlink_to(full)
    os.chmod(full, 0o644)  # noqa: PTH101 the mode of before
    vacuum(link)
    assert link.is_symlink()
    assert full.stat().st_mode & 0o777 == 0o600


def test_where_there_is_none_it_says_so(tmp_path: Path) -> None:
    """And makes none."""
    with pytest.raises(StartError, match="there is no database"):
        vacuum(tmp_path / "none.duckdb")
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """What is no database of ours is not touched."""
    (path := tmp_path / "notes.duckdb").write_text("my notes")
    with pytest.raises(StartError):
        vacuum(path)
    assert path.read_text() == "my notes"
