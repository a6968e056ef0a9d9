"""Finding the app that a command is asked to work for."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Final

from runtime.app import App
from runtime.cli.sources import packages
from runtime.errors import DefinitionError

FORMS: Final = "`module:app`, `file.py` or `file.py:app`"


def load_app(target: str) -> App:
    """Imports an app. The working folder comes first on the path, as for `python file.py`; before it, for a file, the
    folder that it lies in. A file inside of a package is imported as a part of that, for the sake of its relative
    imports; then the folder that holds the package comes first.

    Whoever is given the same target finds the module by the same name.

    Args:
        target: `module:app`, `file.py` or `file.py:app`; without a name, the module's only app.

    Raises:
        DefinitionError: when there is no such module, file or app, or several and no name; says what was found. Errors
            of the module's own code go through as they are.
    """
    place, _, name = target.partition(":")
    if not place:
        raise DefinitionError(f"{target!r} names no app: write {FORMS}")
    sys.path.insert(0, str(Path.cwd()))
    module = _from_file(Path(place)) if place.endswith(".py") else _from_module(place)
    return _get_app(module, name, place) if name else _get_only_app(module, place)


def _from_module(name: str) -> ModuleType:
    if "/" in name or not all(name.split(".")):
        raise DefinitionError(f"{name!r} is neither a module's name nor a Python file: write {FORMS}")
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise  # something that the module itself imports
        raise DefinitionError(f"no module {error.name!r} in {Path.cwd()} or on the path: write {FORMS}") from None


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        where = "" if path.is_absolute() else f" in {Path.cwd()}"
        raise DefinitionError(f"no file {path}{where}: name one that is there")
    inside = packages(path.resolve())
    top = inside[0] if inside else path
    if top.stem in sys.modules or top.stem in sys.stdlib_module_names:
        what = "folder" if inside else "file"
        raise DefinitionError(f"{top} has the name of a module that is in use: rename the {what}")
    sys.path.insert(0, str(top.resolve().parent))
    return _import_package_file(inside, path) if inside else _import_file(path)


def _import_package_file(folders: list[Path], path: Path) -> ModuleType:
    name = ".".join(folder.name for folder in folders)
    if "." in path.stem:
        raise DefinitionError(f"{path} can't be a module of package {name}: take the dots out of the file's name")
    module = importlib.import_module(name if path.name == "__init__.py" else f"{name}.{path.stem}")
    if module.__file__ is None or not path.samefile(module.__file__):
        raise DefinitionError(f"{path} is hidden: Python takes {module.__file__} for {module.__name__}; rename one")
    return module


def _import_file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path.resolve())
    if spec is None or spec.loader is None:
        raise DefinitionError(f"{path} is not a Python file")
    module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _get_app(module: ModuleType, name: str, place: str) -> App:
    found = getattr(module, name, None)
    if isinstance(found, App):
        return found
    what = "has no such name" if found is None else f"has a {type(found).__name__} there"
    raise DefinitionError(f"{place}:{name} is not an app: {place} {what}; its apps: {_join_names(_find_apps(module))}")


def _get_only_app(module: ModuleType, place: str) -> App:
    apps = _find_apps(module)
    if not apps:
        raise DefinitionError(f"{place} has no app: give it one, such as `app = App('hello')`, or name another module")
    if len({id(app) for app in apps.values()}) != 1:
        raise DefinitionError(f"{place} has not one app but these: {_join_names(apps)}; name one, as in {place}:app")
    return next(iter(apps.values()))


def _find_apps(module: ModuleType) -> dict[str, App]:
    return {name: value for name, value in vars(module).items() if isinstance(value, App)}


def _join_names(apps: dict[str, App]) -> str:
    return ", ".join(apps) or "none"
