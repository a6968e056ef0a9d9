"""Noticing that source files changed.

Asked again and again rather than told by the kernel: it needs no package and works on every file system.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from runtime.cli.imports import read_imports
from runtime.cli.sources import source_folder

#: Folders whose files are nobody's source.
_ALIEN: Final = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist"})


class SourceWatch:
    """Looks after the code of a worker that is about to be started.

    That is what the worker imports and nothing else; as long as the app can't be imported, which the mending file may
    not be part of yet, it is every Python file of the app's folder too.

    Args:
        target: `module:app`, `file.py` or `file.py:app`.
        notes: where the worker notes its imports; a file of a worker before is forgotten.
    """

    def __init__(self, target: str, notes: Path) -> None:
        notes.unlink(missing_ok=True)
        self.folder = source_folder(target)
        self._notes = notes
        self._before = fingerprint(self.folder)
        place = target.partition(":")[0]
        file = Path(place).resolve()
        self._target = {file: changed} if place.endswith(".py") and (changed := _modified_ns(file)) is not None else {}

    @property
    def is_loaded(self) -> bool:
        """Whether the worker has imported the app."""
        return read_imports(self._notes).is_loaded

    def find_change(self, *, failed: bool) -> Path | None:
        """A file that was changed, lost or added since the worker read it; None where there is none.

        Args:
            failed: whether the worker ended before the app was imported.
        """
        known = {**self._target, **read_imports(self._notes).files}
        differing = [path for path, changed in known.items() if _modified_ns(path) != changed]
        if failed and not differing:
            differing = _find_differences(self._before, fingerprint(self.folder))
        return next(iter(differing), None)


def fingerprint(folder: Path) -> Mapping[Path, int]:
    """The time of the last change (nanoseconds) of every Python file below a folder; equal unless something changed."""
    return {path: changed for path in _find_sources(folder) if (changed := _modified_ns(path)) is not None}


def _find_differences(before: Mapping[Path, int], now: Mapping[Path, int]) -> list[Path]:
    return [path for path in sorted(before.keys() | now.keys()) if before.get(path) != now.get(path)]


def _find_sources(folder: Path) -> Iterator[Path]:
    try:
        entries = list(folder.iterdir())
    except OSError:  # it went away meanwhile
        return
    for entry in entries:
        if entry.is_dir():
            hidden = entry.name.startswith(".") or entry.name in _ALIEN or (entry / "pyvenv.cfg").exists()
            if not hidden and not entry.is_symlink():
                yield from _find_sources(entry)
        elif entry.suffix == ".py":
            yield entry


def _modified_ns(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None
