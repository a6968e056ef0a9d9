"""Finding an app by what a user types."""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.cli.app_loader import load_app
from runtime.errors import DefinitionError
from runtime.supervisor.python import child_environment

#: An app in a module of a package, which takes a class from another one.
PART = """
from runtime import App
from {models} import Order

app = App('{name}')
flow = app.workflow("flow", order=Order)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working folder, with modules that are forgotten afterwards."""
    (tmp_path / "single_app.py").write_text("from runtime import App\nagents = App('one')\nalias = agents\nother = 3\n")
    (tmp_path / "double_app.py").write_text("from runtime import App\none, two = App('one'), App('two')\n")
    (tmp_path / "empty_app.py").write_text("")
    (tmp_path / "needy_app.py").write_text("import a_package_that_nobody_has\n")
    (tmp_path / "nested_app").mkdir()
    (tmp_path / "nested_app" / "inner.py").write_text("from runtime import App\napp = App('inner')\n")
    deep = tmp_path / "shop_app" / "floors" / "first"
    deep.mkdir(parents=True)
    for package in (deep, deep.parent, deep.parent.parent):
        (package / "__init__.py").touch()
    (tmp_path / "shop_app" / "models.py").write_text("class Order: ...\n")
    (tmp_path / "shop_app" / "agents.py").write_text(PART.format(models=".models", name="shop"))
    (deep / "agents.py").write_text(PART.format(models="...models", name="floor"))
    (deep.parent / "__init__.py").write_text(PART.format(models="..models", name="floors"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.partition(".")[0].endswith("_app"):
            del sys.modules[name]


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("single_app:agents", "one"),
        ("single_app", "one"),
        ("single_app.py", "one"),
        ("single_app.py:alias", "one"),
        ("double_app:two", "two"),
        ("nested_app.inner:app", "inner"),
        ("nested_app/inner.py", "inner"),
        ("shop_app/agents.py", "shop"),
        ("shop_app/agents.py:app", "shop"),
        ("shop_app/floors/first/agents.py", "floor"),
        ("shop_app/floors/__init__.py", "floors"),
        ("shop_app.floors.first.agents", "floor"),
    ],
)
def test_every_form_finds_its_app(target: str, name: str) -> None:
    """Module or file, named or the only one."""
    assert load_app(target).name == name
    sys.modules.pop("inner", None)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("nowhere_app:app", "no module 'nowhere_app' in .* write `module:app`, `file.py` or `file.py:app`$"),
        ("nested_app.nowhere:app", "no module 'nested_app.nowhere' in "),
        ("nowhere_app.py", "no file nowhere_app.py in "),
        ("single_app:app", "single_app:app is not an app: single_app has no such name; its apps: agents, alias$"),
        ("single_app:other", "single_app has a int there; its apps: agents, alias$"),
        ("double_app", "double_app has not one app but these: one, two; name one, as in double_app:app$"),
        ("empty_app", r"^empty_app has no app: give it one, such as `app = App\('hello'\)`, or name another module$"),
        ("empty_app:app", "^empty_app:app is not an app: empty_app has no such name; its apps: none$"),
        ("./single_app", "^'./single_app' is neither a module's name nor a Python file: write `module:app`"),
        (".single_app:agents", "^'.single_app' is neither a module's name nor a Python file: write `module:app`"),
        ("nested_app/", "^'nested_app/' is neither a module's name nor a Python file: write `module:app`"),
        ("/nowhere/app.py", "^no file /nowhere/app.py: name one that is there$"),
        (":app", "':app' names no app"),
    ],
)
def test_a_wrong_target_is_told_what_was_found(target: str, message: str) -> None:
    """So that the next try is right."""
    with pytest.raises(DefinitionError, match=message):
        load_app(target)


def test_a_module_that_the_apps_own_code_misses_is_not_blamed_on_the_target() -> None:
    """The traceback shows whose import it is."""
    with pytest.raises(ModuleNotFoundError, match="a_package_that_nobody_has"):
        load_app("needy_app:app")


def test_a_file_named_like_a_module_in_use_is_refused(folder: Path) -> None:
    """It would take that module's place for everybody."""
    (folder / "json.py").write_text("")

    with pytest.raises(DefinitionError, match=r"json.py has the name of a module that is in use: rename the file"):
        load_app("json.py")


@pytest.mark.parametrize("working", [".", "shop_app", "shop_app/floors"])
def test_a_file_inside_of_a_package_is_a_part_of_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, working: str
) -> None:
    """Wherever the command is given; its classes are those that the rest of the package knows."""
    monkeypatch.chdir(folder / working)
    target = os.path.relpath(folder / "shop_app" / "floors" / "first" / "agents.py")

    load_app(target)

    assert sys.path[0] == str(folder)
    agents = sys.modules["shop_app.floors.first.agents"]
    assert agents.Order is importlib.import_module("shop_app.models").Order
    assert agents.Order.__module__ == "shop_app.models"


@pytest.mark.parametrize(
    ("target", "module"), [("shop_app/agents.py", "shop_app.agents"), ("single_app.py", "single_app")]
)
def test_every_process_that_is_given_a_target_knows_its_module_by_the_same_name(
    folder: Path, target: str, module: str
) -> None:
    """What one of them wrote down by name, another finds."""
    code = (
        f"from runtime.cli.app_loader import load_app; load_app({target!r}); import sys, {module}; print(sys.path[0])"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=folder, env=child_environment(), text=True, capture_output=True
        )
        for _ in range(2)
    ]

    assert [(done.stdout, done.stderr) for done in told] == [(f"{folder}\n", "")] * 2


def test_a_package_named_like_a_module_in_use_is_refused(folder: Path) -> None:
    """It would never be found: that module is."""
    (folder / "json").mkdir()
    (folder / "json" / "__init__.py").touch()
    (folder / "json" / "agents.py").touch()

    with pytest.raises(DefinitionError, match=r"json has the name of a module that is in use: rename the folder$"):
        load_app("json/agents.py")


def test_a_file_that_can_be_no_module_of_its_package_is_refused(folder: Path) -> None:
    """Python would look for a package of the name before the dot."""
    (folder / "shop_app" / "agents.v2.py").touch()

    with pytest.raises(DefinitionError, match=r"shop_app: take the dots out of the file's name$"):
        load_app("shop_app/agents.v2.py")


def test_a_file_that_another_hides_is_refused(folder: Path) -> None:
    """Or the app would be another than was named."""
    (folder / "shop_app" / "agents").mkdir()
    (folder / "shop_app" / "agents" / "__init__.py").touch()

    with pytest.raises(DefinitionError, match=r"agents.py is hidden: Python takes .*agents/__init__.py for shop_app"):
        load_app("shop_app/agents.py")


def test_a_folder_that_cannot_be_imported_is_no_package(folder: Path) -> None:
    """A project's own folder may hold an `__init__.py` by mistake."""
    project = folder / "shop.v2"
    project.mkdir()
    (project / "__init__.py").touch()
    (project / "alone_app.py").write_text("from runtime import App\napp = App('alone')\n")

    assert load_app("shop.v2/alone_app.py").name == "alone"
