"""Which files a worker's code is made of: noted by the worker as it imports them, read by the parent that watches them.

One JSON array a line: `["imports", file, nanoseconds of its last change]`, and `["loaded"]` once the app is.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from runtime.cli.sources import is_own

VARIABLE: Final = "CAUSELINE_IMPORTS"
"""Names the file of the notes; the parent gives it to the worker."""


@contextmanager
def record_imports() -> Iterator[None]:
    """Notes what the block imports, that it was left in order, and what is imported ever after; nothing where no parent
    asked for it.

    The variable is taken out of the environment: a grandchild's code is nobody's reason to start the worker again.
    """
    path = os.environ.pop(VARIABLE, "")
    notes = _ImportRecorder(Path(path)) if path else None
    if notes is not None:
        sys.meta_path.insert(0, notes)
    yield
    if notes is not None:
        notes.write("loaded")


class _ImportRecorder(MetaPathFinder):
    """Asks the other finders, and notes what they found. A module that fails is forgotten by Python, but not here; and
    a file is noted before it is read, so that a change after that is always seen."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = (finder.find_spec(fullname, path, target) for finder in self._other_finders())
        spec = next(filter(None, found), None)
        if spec is not None and spec.has_location and spec.origin and is_own(Path(spec.origin)):
            with suppress(OSError):  # inside of an archive
                self.write("imports", spec.origin, Path(spec.origin).stat().st_mtime_ns)
        return spec

    def _other_finders(self) -> list[Any]:
        return [finder for finder in sys.meta_path if finder is not self and hasattr(finder, "find_spec")]

    def write(self, *words: str | int) -> None:
        with suppress(OSError), self._path.open("a") as notes:  # a parent that is gone took the folder along
            notes.write(json.dumps(words) + "\n")


@dataclass(frozen=True, slots=True)
class ImportedFiles:
    """What a worker noted.

    files       when each file had changed last (nanoseconds) before it was first read
    is_loaded   whether the app was imported
    """

    files: Mapping[Path, int]
    is_loaded: bool


def read_imports(path: Path) -> ImportedFiles:
    """The notes so far; none where there is no such file yet."""
    files: dict[Path, int] = {}
    is_loaded = False
    for line in _whole_lines(path):
        what, *facts = json.loads(line)
        is_loaded = is_loaded or what == "loaded"
        if what == "imports":
            files.setdefault(Path(facts[0]), int(facts[1]))
    return ImportedFiles(files, is_loaded)


def _whole_lines(path: Path) -> list[str]:
    try:
        text = path.read_text()
    except OSError:
        return []
    return text[: text.rfind("\n") + 1].splitlines()
