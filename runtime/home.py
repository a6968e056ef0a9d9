"""The home: the folder that holds the embedded server's data, the span spool and the collector's database."""

import contextlib
from pathlib import Path
from typing import Final

from runtime import private
from runtime.errors import SettingsError

NAME: Final = ".causeline"

#: What we keep in a home, which may hold more than that.
_OURS: Final = (
    *("*.duckdb", "*.duckdb.wal", "server", "server.*", "spool", "logs", "token", "tokens.*", "token.*"),
    "alerts.toml",  # addresses of webhooks let in whoever knows them
)


def find_home(explicit: Path | None = None) -> Path:
    """The home of this process, absolute; it exists afterwards.

    Args:
        explicit: what `CAUSELINE_HOME` says; None takes the nearest `.causeline` in the working folder or above it,
            else a new one in the working folder.

    Raises:
        SettingsError: when the folder can't be made or is a file, or somebody else put it, or something in it, there.
    """
    home = locate_home(explicit)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"CAUSELINE_HOME={str(home)!r} can't be used ({error.strerror}): name a folder that can be written"
        ) from None
    _refuse_others(home, is_named=explicit is not None)
    private.repair_folder(home)
    private.repair(_list_own_paths(home))
    if home.name == NAME:  # a folder that somebody named may hold more than our data
        _hide_from_git(home)
    return home


def locate_home(explicit: Path | None = None) -> Path:
    """Where the home of this process is, or would be, absolute; see `find_home`."""
    return (explicit or _find_nearest(Path.cwd()) or Path.cwd() / NAME).expanduser().absolute()


def list_home_files(home: Path) -> list[Path]:
    """Every file and folder in a home that we keep there."""
    return sorted(inside for path in _list_own_paths(home) for inside in (path, *path.rglob("*")))


def _refuse_others(home: Path, *, is_named: bool) -> None:
    """Whoever owns a home is told all that is in it, and can pose as its server. One that is found above the working
    folder may have been put there for that; one that somebody named is theirs to choose."""
    if not is_named and private.is_of_others(home):
        raise SettingsError(
            f"{home} belongs to another user, who would see all that is kept there: if you trust them, name it in "
            "CAUSELINE_HOME, else a folder of yours"
        )
    owner = home.stat().st_uid
    for path in _list_own_paths(home):
        with contextlib.suppress(FileNotFoundError):  # a file of a process that ended just now
            if private.is_of_others(path, owner):
                raise SettingsError(f"{path} was put there by another user: look at it, and move it away")


def _list_own_paths(home: Path) -> list[Path]:
    return [path for pattern in _OURS for path in home.glob(pattern)]


def _find_nearest(start: Path) -> Path | None:
    return next((folder / NAME for folder in (start, *start.parents) if (folder / NAME).is_dir()), None)


def _hide_from_git(home: Path) -> None:
    """Data never belongs in a commit; exclusive creation, so that a user's own rules are left alone."""
    with contextlib.suppress(OSError), open(home / ".gitignore", "x", opener=private.opener) as rules:
        rules.write("*\n")
