"""What is shown is as wide as can be read, and commands to copy work where they are shown."""

import sys
from io import StringIO
from pathlib import Path

import pytest

from runtime.cli import terminal
from runtime.cli.terminal import format_command


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program in an environment that was not activated."""
    script = tmp_path / ".venv" / "bin" / "causeline"
    script.parent.mkdir(parents=True)
    script.touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(script.with_name("python")))
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.chdir(tmp_path)
    return script


def test_on_the_path_the_name_is_enough(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after an installation."""
    monkeypatch.setenv("PATH", str(script.parent))

    assert format_command("dev hello.py") == "causeline dev hello.py"


def test_in_an_environment_below_the_working_folder_the_short_path_is_named(script: Path) -> None:
    """As after `make demo`."""
    assert script.is_file()
    assert format_command("dev hello.py") == ".venv/bin/causeline dev hello.py"


def test_from_elsewhere_the_whole_path_is_named(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It works in every folder."""
    elsewhere = script.parents[2] / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)

    assert format_command("dev hello.py") == f"{script} dev hello.py"


def test_without_a_program_python_runs_the_module(script: Path) -> None:
    """As in a checkout that was never installed."""
    script.unlink()

    assert format_command("dev hello.py") == f"{sys.executable} -m causeline dev hello.py"


@pytest.mark.parametrize(("columns", "width"), [("", terminal._PIPE_WIDTH), ("100", 100)])
def test_a_pipe_is_as_wide_as_it_was_said_to_be(monkeypatch: pytest.MonkeyPatch, columns: str, width: int) -> None:
    """Where that was left empty, as wide as where it was not said."""
    monkeypatch.setattr(sys, "stdout", StringIO())
    monkeypatch.setenv("COLUMNS", columns)

    assert terminal._console().width == width
