"""The home: the folder that holds the embedded server's data, the span spool and the collector's database."""

import contextlib
from pathlib import Path
from typing import Final

from runtime import private
from runtime.errors import SettingsError

NAME: Final = ".causeline"

#: What we keep in a home, which may hold more than that.
_OURS: Final = ("*.duckdb", "*.duckdb.wal", "server", "server.*", "spool", "logs", "token", "tokens.*", "token.*")


def find_home(explicit: Path | None = None) -> Path:
    """The home of this process, absolute; it exists afterwards.

    Args:
        explicit: what `CAUSELINE_HOME` says; None takes the nearest `.causeline` in the working folder or above it,
            else a new one in the working folder.

    Raises:
        SettingsError: when the folder can't be made or is a file.
    """
    home = place(explicit)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"CAUSELINE_HOME={str(home)!r} can't be used ({error.strerror}): name a folder that can be written"
        ) from None
    private.repair_folder(home)
    private.repair(_kept(home))
    if home.name == NAME:  # a folder that somebody named may hold more than our data
        _hide_from_git(home)
    return home


def place(explicit: Path | None = None) -> Path:
    """Where the home of this process is, or would be, absolute; see `find_home`."""
    return (explicit or _nearest(Path.cwd()) or Path.cwd() / NAME).expanduser().absolute()


def ours(home: Path) -> list[Path]:
    """Every file and folder in a home that we keep there."""
    return sorted(inside for path in _kept(home) for inside in (path, *path.rglob("*")))


def _kept(home: Path) -> list[Path]:
    return [path for pattern in _OURS for path in home.glob(pattern)]


def _nearest(start: Path) -> Path | None:
    return next((folder / NAME for folder in (start, *start.parents) if (folder / NAME).is_dir()), None)


def _hide_from_git(home: Path) -> None:
    """Data never belongs in a commit; exclusive creation, so that a user's own rules are left alone."""
    with contextlib.suppress(OSError), (home / ".gitignore").open("x") as rules:
        rules.write("*\n")
