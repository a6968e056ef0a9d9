"""Where an app's source lies."""

from pathlib import Path


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
