"""Noticing changes of an app's source."""

import os
from itertools import pairwise
from pathlib import Path

import pytest

from runtime.cli.reload import fingerprint, source_folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("agents/__init__.py", "agents/flow.py", "alone.py", ".venv/lib.py", "env/pyvenv.cfg", "env/lib.py"):
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
    assert {path.name for path in seen} == {"__init__.py", "flow.py", "alone.py"}


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
