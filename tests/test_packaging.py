"""What a user installs is complete."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: Files beside the code without which it does not run.
DATA = {".sql", ".lua", ".js", ".css", ".svg", ".toml"}
PACKAGES = ("runtime", "collector", "dashboard", "sample_agents")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in a wheel that was built from what git knows of this tree."""
    clone, out = tmp_path_factory.mktemp("clone"), tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            (clone / name).write_bytes((ROOT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--wheel-dir", out, clone], check=True)
    (built,) = out.glob("causeline-*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def test_every_file_of_the_packages_is_in_the_wheel(wheel: set[str]) -> None:
    """Code, queries, scripts, drawings and the theme."""
    wanted = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in DATA | {".py"} and "__pycache__" not in path.parts
    }

    assert {Path(name).suffix for name in wanted} >= {".py", ".sql", ".lua", ".js", ".toml"}
    assert wanted - wheel == set()


def test_the_wheel_holds_the_licence_the_command_and_no_tests(wheel: set[str]) -> None:
    """And the face."""
    assert "causeline.py" in wheel
    assert any(name.endswith("licenses/LICENSE") for name in wheel)
    assert any(name.endswith("entry_points.txt") for name in wheel)
    assert not any(name.startswith(("tests/", "scripts/")) for name in wheel)


def test_the_lock_names_every_dependency_exactly() -> None:
    """`name==version`, one a line, no addresses; every direct dependency of every extra is there."""
    lines = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if not line.startswith("#")]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]

    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+( ; .+)?", line) for line in lines)
    locked = {_plain(line.partition("==")[0]) for line in lines}
    assert {_plain(re.split(r"[<>=;\[ ]", one)[0]) for one in wanted} - locked == set()


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
