"""Where the home is."""

import os
from pathlib import Path

import pytest

from runtime import private
from runtime.errors import SettingsError
from runtime.home import find_home


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "project" / "src").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project" / "src")


def test_a_named_home_is_taken_and_made(tmp_path: Path) -> None:
    """The setting wins over everything found."""
    (tmp_path / ".causeline").mkdir()

    assert find_home(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert (tmp_path / "a" / "b").is_dir()


def test_a_relative_home_is_made_absolute(tmp_path: Path) -> None:
    """Processes that we start may work in other folders."""
    assert find_home(Path("here")) == tmp_path / "project" / "src" / "here"


def test_the_nearest_home_above_is_found(tmp_path: Path) -> None:
    """As git finds its repository."""
    (tmp_path / ".causeline").mkdir()
    (tmp_path / "project" / ".causeline").mkdir()

    assert find_home() == tmp_path / "project" / ".causeline"


def test_a_file_of_that_name_is_no_home(tmp_path: Path) -> None:
    """Only folders count."""
    (tmp_path / "project" / ".causeline").mkdir()
    (tmp_path / "project" / "src" / ".causelines").touch()

    assert find_home() == tmp_path / "project" / ".causeline"


def test_without_one_it_is_made_here_and_hidden_from_git(tmp_path: Path) -> None:
    """Data never ends up in a commit."""
    home = find_home()

    assert home == tmp_path / "project" / "src" / ".causeline"
    assert (home / ".gitignore").read_text() == "*\n"


def test_a_folder_that_somebody_named_gets_no_rules_for_git(tmp_path: Path) -> None:
    """It may hold more than our data."""
    assert not (find_home(tmp_path / "data") / ".gitignore").exists()


def test_rules_that_are_there_stay(tmp_path: Path) -> None:
    """A user's own."""
    (tmp_path / ".causeline").mkdir()
    (tmp_path / ".causeline" / ".gitignore").write_text("server/\n")

    assert (find_home() / ".gitignore").read_text() == "server/\n"


def test_what_others_could_read_is_closed(tmp_path: Path) -> None:
    """What is ours; a folder that was named may hold more, and a shared one stays shared."""
    home = tmp_path / "home"
    for folder in (home, home / "spool", home / "logs", home / "theirs"):
        folder.mkdir()
        folder.chmod(0o755)
    files = [home / "causeline.duckdb", home / "causeline.duckdb.wal", home / "spool" / "a", home / "token"]
    for file in [*files, home / "notes.txt"]:
        file.write_text("")
        file.chmod(0o644)
    (home / "logs" / "link").symlink_to(home / "notes.txt")

    find_home(home)

    closed = [home, home / "spool", home / "logs", *files]
    assert [path for path in closed if path.stat().st_mode & 0o077] == []
    assert [path.stat().st_mode & 0o077 for path in (home / "theirs", home / "notes.txt")] == [0o055, 0o044]
    home.chmod(0o1777)
    assert find_home(home).stat().st_mode & 0o7777 == 0o1777


def test_a_home_that_is_a_file_is_told_in_one_line(tmp_path: Path) -> None:
    """Names the variable and the value."""
    (tmp_path / "file").touch()

    with pytest.raises(SettingsError, match=r"/file' can't be used \(File exists\): name a folder"):
        find_home(tmp_path / "file")


def test_a_home_that_somebody_else_made_has_to_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a shared folder anybody can make one above others' work, and so pose as its server."""
    (tmp_path / "project" / ".causeline").mkdir()
    monkeypatch.setattr(private, "_current_user", lambda: os.getuid() + 1)
    monkeypatch.setattr(private, "ROOT", -1)

    with pytest.raises(SettingsError, match="belongs to another user"):
        find_home()
    assert find_home(tmp_path / "project" / ".causeline") == tmp_path / "project" / ".causeline"


@pytest.mark.parametrize("name", ["spool", "logs", "causeline.duckdb", "server", "server.json", "tokens.json"])
def test_what_somebody_else_put_into_a_home_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A link leads where they like."""
    home = tmp_path / "open"
    home.mkdir(mode=0o777)
    (home / name).symlink_to(tmp_path)
    found = private.is_of_others
    monkeypatch.setattr(private, "is_of_others", lambda path, *trusted: path.is_symlink() or found(path, *trusted))

    with pytest.raises(SettingsError, match=f"{name} was put there by another user"):
        find_home(home)


def test_links_of_ones_own_are_followed(tmp_path: Path) -> None:
    """To a larger disk, say."""
    (tmp_path / "large").mkdir()
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "spool").symlink_to(tmp_path / "large")

    assert find_home(tmp_path / "home") == tmp_path / "home"
