"""A folder beside a database for files on their way, that only its user can read and that goes afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from collector.errors import ArchiveError

#: Bytes of the disk that files on their way leave free.
RESERVE: Final = 256 * 2**20


@contextmanager
def open_workspace(database: Path) -> Iterator[Path]:
    """Makes a folder, and removes it when the block ends.

    Raises:
        ArchiveError: when it can't be made.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=_prefix(database), dir=database.parent))
    except OSError as error:
        raise ArchiveError(f"no folder can be made beside {database} ({error.strerror})") from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers(database: Path) -> None:
    """Removes what a process that was killed has left beside a database that is ours alone now, or what came too late
    for its folder to be removed whole; nobody may work in such a folder meanwhile."""
    for left in database.parent.glob(f"{_prefix(database)}*"):
        shutil.rmtree(left, ignore_errors=True)


def require_room(folder: Path, size: int) -> None:
    """Makes sure that a file of some bytes has room where a folder is.

    Raises:
        ArchiveError: when it has none.
    """
    free = shutil.disk_usage(folder).free
    if free < size + RESERVE:
        raise ArchiveError(
            f"the disk of {folder.parent} has {free / 2**20:,.0f} MiB free, and this needs "
            f"{(size + RESERVE) / 2**20:,.0f}"
        )


def _prefix(database: Path) -> str:
    return f"{database.name}.exchange-"
