"""What a worker's code is made of."""

import subprocess
import sys
from pathlib import Path

import pytest

from runtime.cli.imports import VARIABLE, ImportedFiles, read_imports
from runtime.supervisor.python import child_environment

#: A worker that can do no more than import.
WORKER = """
import os, sys
from runtime.cli.imports import VARIABLE, record_imports

with record_imports():
    import mine
print(VARIABLE in os.environ)
mine.work()
"""

MINE = """
import json, colorsys, redis.exceptions, runtime.clock
import shop.models

def work():
    import late
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An app of a module and a package, and files that it has nothing to do with."""
    for name in ("shop/__init__.py", "shop/models.py", "shop/other.py", "late.py", "other.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "mine.py").write_text(MINE)
    return tmp_path


def work(folder: Path, notes: Path | None) -> "subprocess.CompletedProcess[str]":
    asked = {} if notes is None else {VARIABLE: str(notes)}
    command = [sys.executable, "-c", WORKER]
    return subprocess.run(
        command, cwd=folder, env=child_environment(asked), capture_output=True, text=True, check=False
    )


def times(folder: Path, *names: str) -> dict[Path, int]:
    return {folder / name: (folder / name).stat().st_mtime_ns for name in names}


def test_the_users_own_files_are_noted_as_they_are_imported(folder: Path) -> None:
    """Also what is imported only when it is needed; nothing of Python, of packages or of ours."""
    done = work(folder, folder / "notes")

    own = times(folder, "mine.py", "shop/__init__.py", "shop/models.py", "late.py")
    assert read_imports(folder / "notes") == ImportedFiles(own, is_loaded=True)
    assert (done.stdout, done.stderr) == ("False\n", "")


@pytest.mark.parametrize("code", ["def broken(:", "raise ValueError", "import nowhere"])
def test_a_file_that_cannot_be_imported_is_noted_all_the_same(folder: Path, code: str) -> None:
    """It is the one that is mended next."""
    (folder / "shop" / "models.py").write_text(code)
    done = work(folder, folder / "notes")

    assert done.returncode == 1
    own = times(folder, "mine.py", "shop/__init__.py", "shop/models.py")
    assert read_imports(folder / "notes") == ImportedFiles(own, is_loaded=False)


def test_the_time_of_a_change_is_that_before_the_file_was_read(folder: Path) -> None:
    """What changes while an import is going on is not part of what was imported."""
    (folder / "shop" / "models.py").write_text("import os; os.utime(__file__, ns=(7, 7))")
    before = times(folder, "shop/models.py")
    work(folder, folder / "notes")

    noted = read_imports(folder / "notes").files
    assert (before.items() <= noted.items(), times(folder, "shop/models.py").popitem()[1]) == (True, 7)


def test_nobody_notes_who_was_not_asked_to(folder: Path) -> None:
    """As in production."""
    before = set(folder.rglob("*.py"))
    done = work(folder, None)

    assert (done.stdout, done.stderr) == ("False\n", "")
    assert {path for path in folder.rglob("*") if path.suffix != ".pyc" and path.is_file()} == before


def test_a_parent_that_is_gone_disturbs_no_import(folder: Path) -> None:
    """It took the folder of the notes along."""
    done = work(folder, folder / "gone" / "notes")

    assert (done.stdout, done.stderr) == ("False\n", "")
    assert read_imports(folder / "gone" / "notes") == ImportedFiles({}, is_loaded=False)


def test_a_line_that_is_still_being_written_is_left_for_the_next_look(tmp_path: Path) -> None:
    """Its rest comes."""
    (tmp_path / "notes").write_text('["imports", "/mine.py", 7]\n["imports", "/oth')

    assert read_imports(tmp_path / "notes").files == {Path("/mine.py"): 7}


def test_a_file_that_is_imported_once_more_counts_as_it_was_first(tmp_path: Path) -> None:
    """Whatever else was made of it then is in the worker still."""
    (tmp_path / "notes").write_text('["imports", "/mine.py", 7]\n["imports", "/mine.py", 8]\n["loaded"]\n')

    assert read_imports(tmp_path / "notes") == ImportedFiles({Path("/mine.py"): 7}, is_loaded=True)
