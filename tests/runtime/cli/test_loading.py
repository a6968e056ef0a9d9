"""Finding an app by what a user types."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.cli.loading import load_app
from runtime.errors import DefinitionError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working folder, with modules that are forgotten afterwards."""
    (tmp_path / "single_app.py").write_text("from runtime import App\nagents = App('one')\nalias = agents\nother = 3\n")
    (tmp_path / "double_app.py").write_text("from runtime import App\none, two = App('one'), App('two')\n")
    (tmp_path / "empty_app.py").write_text("")
    (tmp_path / "needy_app.py").write_text("import a_package_that_nobody_has\n")
    (tmp_path / "nested_app").mkdir()
    (tmp_path / "nested_app" / "inner.py").write_text("from runtime import App\napp = App('inner')\n")
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
        ("single_app:app", "single_app:app is no app: single_app has no such name; its apps: agents, alias$"),
        ("single_app:other", "single_app has a int there; its apps: agents, alias$"),
        ("double_app", "double_app has not one app but these: one, two; name one, as in double_app:app$"),
        ("empty_app", "has not one app but these: none"),
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
