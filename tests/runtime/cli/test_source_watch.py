"""Noticing changes of an app's source."""

import json
import os
from itertools import pairwise
from pathlib import Path

import pytest

from runtime.cli.source_watch import SourceWatch, fingerprint
from runtime.cli.sources import source_folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = ("agents/__init__.py", "agents/flow.py", "agents/deep/__init__.py", "agents/deep/inner.py")
    for name in (*package, "alone.py", ".venv/lib.py", "env/pyvenv.cfg", "env/lib.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("target", "folder"),
    [
        ("agents:app", "agents"),
        ("agents.flow:app", "agents"),
        ("agents/flow.py", "agents"),
        ("agents/deep/inner.py", "agents"),
        ("agents.deep.inner", "agents"),
        ("agents.deep", "agents"),
        ("alone.py:app", "."),
        ("alone", "."),
        ("nowhere:app", "."),
    ],
)
def test_the_source_is_found_without_importing_it(project: Path, target: str, folder: str) -> None:
    """Broken code must be watched as well."""
    assert source_folder(target) == (project / folder).resolve()


def test_nothing_changed_is_equal(project: Path) -> None:
    """Environments and hidden folders do not count."""
    seen = fingerprint(project)

    assert seen == fingerprint(project)
    assert {path.name for path in seen} == {"__init__.py", "flow.py", "inner.py", "alone.py"}


def test_a_change_a_new_file_and_a_lost_one_are_noticed(project: Path) -> None:
    """Each differs from what was seen before."""
    seen = [fingerprint(project)]
    os.utime(project / "alone.py", ns=(1, 1))
    seen.append(fingerprint(project))
    (project / "agents" / "more.py").touch()
    seen.append(fingerprint(project))
    (project / "agents" / "flow.py").unlink()
    seen.append(fingerprint(project))

    assert all(before != after for before, after in pairwise(seen))


def test_a_folder_that_is_gone_holds_nothing(tmp_path: Path) -> None:
    """It may come back."""
    assert fingerprint(tmp_path / "gone") == {}


@pytest.fixture
def watch(project: Path) -> SourceWatch:
    """Of a worker whose app, `alone.py`, imports `agents.flow`; none has noted anything yet."""
    (project / "notes").write_text('["loaded"]\n')
    return SourceWatch("alone.py:app", project / "notes")


def note(project: Path, *names: str, is_loaded: bool) -> None:
    """As a worker does."""
    lines = [["imports", str(project / name), (project / name).stat().st_mtime_ns] for name in names]
    text = "".join(json.dumps(line) + "\n" for line in [*lines, *([["loaded"]] if is_loaded else [])])
    (project / "notes").write_text(text)


def touch(path: Path) -> Path:
    """Changes a file, whatever the clock says."""
    path.touch()
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 1))
    return path


def test_notes_of_a_former_worker_are_forgotten(watch: SourceWatch) -> None:
    """They would tell what that one had loaded."""
    assert not watch.is_loaded


def test_what_was_imported_is_watched_and_nothing_else(project: Path, watch: SourceWatch) -> None:
    """A neighbour's change is no reason to begin again."""
    note(project, "alone.py", "agents/flow.py", is_loaded=True)
    touch(project / "agents" / "deep" / "inner.py")
    touch(project / "new.py")
    assert watch.is_loaded
    assert watch.find_change(failed=False) is None

    assert touch(project / "agents" / "flow.py") == watch.find_change(failed=False)


def test_a_file_that_was_imported_and_is_lost_is_a_change(project: Path, watch: SourceWatch) -> None:
    """As a branch does that is changed for another."""
    note(project, "alone.py", "agents/flow.py", is_loaded=True)
    (project / "agents" / "flow.py").unlink()

    assert watch.find_change(failed=False) == project / "agents" / "flow.py"


@pytest.mark.parametrize("name", ["agents/deep/inner.py", "new.py"])
def test_while_the_app_cannot_be_imported_its_whole_folder_is_watched(
    project: Path, watch: SourceWatch, name: str
) -> None:
    """What mends it may be a file that was never got to, or that is not there yet."""
    note(project, "alone.py", is_loaded=False)
    touch(project / name)

    assert watch.find_change(failed=False) is None
    assert watch.find_change(failed=True) == project / name


def test_a_file_that_was_got_to_is_watched_wherever_it_lies(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The folder of the app is not all that it is made of."""
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "prices.py"
    elsewhere.touch()
    watch = SourceWatch("agents.flow", project / "notes")
    (project / "notes").write_text(json.dumps(["imports", str(elsewhere), elsewhere.stat().st_mtime_ns]) + "\n")
    assert watch.find_change(failed=True) is None

    touch(elsewhere)
    assert watch.find_change(failed=True) == elsewhere


def test_the_apps_file_is_watched_from_before_the_worker_begins(project: Path, watch: SourceWatch) -> None:
    """It may change before that has read it, and is not always imported by its name."""
    assert watch.find_change(failed=False) is None
    assert touch(project / "alone.py") == watch.find_change(failed=False)


def test_an_app_that_is_not_there_yet_is_waited_for(project: Path) -> None:
    """Also one that was named by its file."""
    watch = SourceWatch("later.py", project / "notes")
    assert watch.find_change(failed=True) is None

    (project / "later.py").touch()
    assert watch.find_change(failed=True) == project / "later.py"
