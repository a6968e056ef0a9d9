"""Noticing that source files changed."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

#: Folders whose files are nobody's source.
_ALIEN: Final = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist"})


def fingerprint(folder: Path) -> Mapping[Path, int]:
    """The time of the last change (nanoseconds) of every Python file below a folder; equal unless something changed.

    Asked again and again rather than told by the kernel: it needs no package and works on every file system.
    """
    return {path: changed for path in _sources(folder) if (changed := _changed(path)) is not None}


def _sources(folder: Path) -> Iterator[Path]:
    try:
        entries = list(folder.iterdir())
    except OSError:  # it went away meanwhile
        return
    for entry in entries:
        if entry.is_dir():
            hidden = entry.name.startswith(".") or entry.name in _ALIEN or (entry / "pyvenv.cfg").exists()
            if not hidden and not entry.is_symlink():
                yield from _sources(entry)
        elif entry.suffix == ".py":
            yield entry


def _changed(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None
