"""Where the embedded server listens: a socket that its user alone can open.

A port with a password was refused: while the server is away another user's program could take that port, be shown the
password, and hand out work. A folder that is ours alone lets nobody in.
"""

import contextlib
import hashlib
import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from runtime.embedded.files import ServerFiles

#: Bytes that the path of a socket may have; macOS takes 103, Linux 107.
LONGEST: Final = 100


def find_socket_path(files: ServerFiles) -> Path | None:
    """The first place where a socket can be made: in the home, else in a folder of this user's for such things, for a
    home's path may be too long, or its file system know no sockets. None where there is none."""
    return next((place for place in _list_candidates(files) if _is_usable(place)), None)


def _list_candidates(files: ServerFiles) -> Iterator[Path]:
    yield files.socket
    name = f"{hashlib.sha256(os.fsencode(files.home)).hexdigest()[:24]}.socket"
    if given := os.environ.get("XDG_RUNTIME_DIR"):
        yield Path(given) / "causeline" / name
    for folder in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 made by us, and looked at before it is used
        yield Path(folder) / f"causeline-{os.getuid()}" / name


def _is_usable(place: Path) -> bool:
    if len(os.fsencode(place)) > LONGEST:
        return False
    with contextlib.suppress(OSError):
        place.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        folder = place.parent.lstat()
        if not stat.S_ISDIR(folder.st_mode) or folder.st_uid != os.getuid() or folder.st_mode & 0o022:
            return False
        place.unlink(
            missing_ok=True
        )  # of a server that was killed; none runs, or there would be no looking for a place
        with socket.socket(socket.AF_UNIX) as trial:
            trial.bind(str(place))
        place.unlink()
    except OSError:
        return False
    return True
