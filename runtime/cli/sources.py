"""Where an app's source lies, and which files are a user's own."""

import itertools
import sysconfig
from pathlib import Path
from typing import Final

import runtime

#: Folders of what others installed.
_INSTALLED: Final = frozenset({"site-packages", "dist-packages"})

_OURS: Final = Path(runtime.__file__).resolve().parent
#: Python's own, and ours: nobody edits them to change what their app does.
_ALIEN: Final = (
    *(Path(sysconfig.get_path(kind)).resolve() for kind in ("stdlib", "platstdlib")),
    _OURS,
    _OURS.with_name("causeline.py"),
)


def source_folder(target: str) -> Path:
    """The folder whose Python files make an app, found without importing it, so that broken code can be watched too.

    Args:
        target: `module:app`, `file.py` or `file.py:app`.

    Returns:
        The outermost package's folder, or the module's; the working folder where there is neither.
    """
    place = target.partition(":")[0]
    path = Path(place) if place.endswith(".py") else Path(*place.split(".")).with_suffix(".py")
    package = path.with_suffix("")
    if path.is_file():
        path = path.resolve()
        return next(iter(packages(path)), path.parent)
    return next(iter(packages(package.resolve() / "_")), package.resolve()) if package.is_dir() else Path.cwd()


def packages(file: Path) -> list[Path]:
    """The folders of the packages that a file, given by its absolute path, is inside of; outermost first."""
    return [*itertools.takewhile(_is_package, file.parents)][::-1]


def _is_package(folder: Path) -> bool:
    return bool(folder.name) and "." not in folder.name and (folder / "__init__.py").is_file()


def is_own(file: Path) -> bool:
    """Whether a file is neither Python's, nor of an installed package, nor ours."""
    resolved = file.resolve()
    if not _INSTALLED.isdisjoint(resolved.parts):
        return False
    return not any(resolved.is_relative_to(folder) for folder in _ALIEN)
