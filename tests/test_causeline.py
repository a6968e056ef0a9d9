"""The public face."""

import ast
import subprocess
import sys
from pathlib import Path

import causeline
import runtime
from runtime.supervisor.python import child_environment

FACE = Path(causeline.__file__)


def run(code: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=child_environment(), capture_output=True, text=True, check=False
    )


def test_every_public_name_of_the_runtime_is_there() -> None:
    """At run time, and for type checkers."""
    tree = ast.parse(FACE.read_text())
    told = {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "runtime"
        for alias in node.names
    }

    assert told == set(runtime.__all__)
    assert {name: getattr(causeline, name) for name in told} == {name: getattr(runtime, name) for name in told}
    assert set(dir(causeline)) == {*runtime.__all__, "main"}


def test_importing_it_loads_nothing_heavy(tmp_path: Path) -> None:
    """Neither OpenTelemetry nor Redis nor pydantic, until a name is used."""
    heavy = "{'opentelemetry', 'redis', 'pydantic', 'typer', 'runtime.app'}"

    done = run(f"import causeline, sys; print({heavy} & set(sys.modules))", tmp_path)

    assert (done.stdout, done.stderr) == ("set()\n", "")


def test_a_strangers_runtime_is_named_by_its_path(tmp_path: Path) -> None:
    """Says where it lies and what to do, instead of that it has no `App`."""
    (tmp_path / "runtime.py").write_text("raise SystemExit('a stranger was run')")

    done = run("from causeline import App", tmp_path)

    assert f"`runtime` is found at {tmp_path / 'runtime.py'}, not at {FACE.parent / 'runtime'}: rename" in done.stderr
    assert "a stranger was run" not in done.stderr


def test_a_strangers_package_is_named_by_its_path_and_a_mere_folder_is_no_obstacle(tmp_path: Path) -> None:
    """A folder without `__init__.py` is what is found last."""
    (tmp_path / "runtime").mkdir()
    assert run("from causeline import App; print(App('x').name)", tmp_path).stdout == "x\n"

    (tmp_path / "runtime" / "__init__.py").touch()
    told = run("from causeline import App", tmp_path).stderr

    assert (
        f"`runtime` is found at {tmp_path / 'runtime' / '__init__.py'}, not at {FACE.parent / 'runtime'}: rename"
        in told
    )


def test_a_name_that_does_not_exist_is_told_as_python_does(tmp_path: Path) -> None:
    """`from causeline import Ap` is an ImportError, `causeline.Ap` an AttributeError."""
    done = run("import causeline; print(hasattr(causeline, 'Ap')); from causeline import Ap", tmp_path)

    assert done.stdout == "False\n"
    assert "ImportError: cannot import name 'Ap' from 'causeline'" in done.stderr
