"""Files and folders that only their owner reads."""

import contextlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

FILE: Final = 0o600
FOLDER: Final = 0o700

#: Rights of the group and of all others.
OTHERS: Final = 0o077


#: May put anything anywhere, and so need not be suspected.
ROOT: Final = 0


def opener(path: str, flags: int) -> int:
    """Opens a file for `open`; one that is made is for its owner alone, whatever the process leaves to others."""
    return os.open(path, flags, FILE)


def is_of_others(path: Path, *trusted: int) -> bool:
    """Returns whether somebody else put a file, folder or link there, who then decides where it leads.

    Args:
        path: what is looked at, not what it leads to.
        trusted: further users that are not suspected.
    """
    return path.lstat().st_uid not in (_current_user(), ROOT, *trusted)


def write(path: Path, text: str) -> None:
    """Writes a file so that a reader sees all of it or none, and nobody else ever sees any.

    Args:
        path: the file; its folder exists.
        text: what it holds from now on.

    Raises:
        OSError: when it can't be written.
    """
    draft = path.with_name(f"{path.name}.draft")
    with contextlib.suppress(FileNotFoundError):
        draft.unlink()  # left by a writer that was killed; exclusive creation, so that its mode is ours
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)


def repair(paths: Iterable[Path]) -> None:
    """Takes every right of others away from files, and from folders with all that they hold.

    What is not ours, is a link, is gone by now, or is a shared folder on purpose (`/tmp`) stays as it is.
    """
    for path in paths:
        with contextlib.suppress(OSError):
            _repair(path)


def repair_folder(path: Path) -> None:
    """Takes every right of others away from a folder alone; with the same exceptions."""
    with contextlib.suppress(OSError):
        _remove_others_rights(path, path.lstat())


def is_private(path: Path) -> bool:
    """Returns whether nobody but its owner has any right to a file or folder."""
    return not stat.S_IMODE(path.lstat().st_mode) & OTHERS


def _repair(path: Path) -> None:
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        return
    _remove_others_rights(path, found)
    if stat.S_ISDIR(found.st_mode):
        repair(path.iterdir())


def _remove_others_rights(path: Path, found: os.stat_result) -> None:
    if found.st_mode & OTHERS and not found.st_mode & stat.S_ISVTX and found.st_uid == _current_user():
        path.chmod(stat.S_IMODE(found.st_mode) & ~OTHERS)


def _current_user() -> int:
    return os.geteuid() if hasattr(os, "geteuid") else -1  # Windows: modes mean nothing there
