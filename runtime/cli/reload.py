"""Where an app's source lies, and noticing that it changed."""

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


def source_folder(target: str) -> Path:
    """The folder whose Python files make an app, found without importing it, so that broken code can be watched too.

    Args:
        target: `module:app`, `file.py` or `file.py:app`.

    Returns:
        The package's folder, or the module's; the working folder where there is neither.
    """
    place = target.partition(":")[0]
    path = Path(place) if place.endswith(".py") else Path(*place.split(".")).with_suffix(".py")
    package = path.with_suffix("")
    if not path.is_file() and package.is_dir():
        return package.resolve()
    return path.resolve().parent if path.is_file() else Path.cwd()
