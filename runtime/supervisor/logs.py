"""Log files that stay small, whoever writes them, for their user alone. The keeper of a server imports this: it stays
light."""

import contextlib
import shutil
from pathlib import Path
from typing import IO, Final

from runtime import private

LIMIT: Final = 10 * 2**20
"""Bytes of a log at which another is begun."""

KEPT: Final = 2
"""Former logs that stay beside it: `NAME.1` is the newest."""


def begin_log(log: Path) -> IO[bytes]:
    """Returns a new log, to be handed to a process; the former ones are kept beside it.

    What it writes always goes to the end, so that the file can be emptied while it does.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    _make_room(log)
    with contextlib.suppress(FileNotFoundError):
        log.replace(_former_path(log, 1))
    return open(log, "ab", opener=private.opener)


def keep_small(log: Path, limit: int = LIMIT) -> None:
    """Moves what a log holds to a former one when it is large.

    Its writer knows nothing of this and keeps the file open: it is copied, and then emptied. A line that is written
    between the two is lost.
    """
    try:
        if log.stat().st_size < limit:
            return
        _make_room(log)
        with log.open("r+b") as emptied, open(_former_path(log, 1), "wb", opener=private.opener) as former:
            shutil.copyfileobj(emptied, former)
            emptied.truncate(0)
    except OSError:  # a full disk, most likely; then a larger log is the smaller trouble
        return


def _make_room(log: Path) -> None:
    for number in range(KEPT, 1, -1):
        with contextlib.suppress(FileNotFoundError):
            _former_path(log, number - 1).replace(_former_path(log, number))


def _former_path(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
