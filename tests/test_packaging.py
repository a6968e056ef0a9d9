"""What a user installs is complete."""

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]

#: Files beside the code without which it does not run.
DATA = {".sql", ".lua", ".js", ".css", ".svg", ".toml"}
PACKAGES = ("runtime", "collector", "dashboard", "sample_agents")

#: Put in front of a program: modules that the install in question does not bring are as good as not installed.
LESS = """
import sys
from importlib.machinery import PathFinder

class Installed(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {missing!r} else super().find_spec(name, path, target)

sys.meta_path = [Installed if finder is PathFinder else finder for finder in sys.meta_path]
"""

#: Imports every module of a package but those that run when they are imported.
IMPORT_ALL = """
import pkgutil
from importlib import import_module

for module in pkgutil.walk_packages(import_module({package!r}).__path__, {package!r} + "."):
    if module.name.endswith("__main__") or module.name == "dashboard.app" or module.name in {adapters!r}:
        continue
    import_module(module.name)
"""

#: Modules that need a framework of others, which no extra brings, or a driver that has an extra of its own.
ADAPTERS = (
    *(f"runtime.{folder}.{name}" for folder in ("adapters", "public") for name in ("langgraph", "pydantic_ai")),
    "runtime.inbox.postgres",
    *(f"runtime.state.postgres.{path.stem}" for path in (ROOT / "runtime/state/postgres").glob("*.py")),
    *(f"runtime.rabbitmq.{name}" for name in ("driver", "driver_errors", "feed", "publishing", "wakes")),
)

#: README's first steps, as small as can be.
SMALL_APP = """
from causeline import App

app = App("parcels")
parcel = app.workflow("parcel", weight=int)

@parcel.step
def stamp(weight: int) -> int:
    return weight * 2

@parcel.step(publishes="parcel.stamped")
async def send(stamp: int) -> int:
    return stamp + 1

@app.subscribe("parcel.stamped")
async def sms(stamped: int) -> None:
    print("stamped", stamped)

print("result", app.run(parcel, weight=3))
"""

#: Gives commands one after the other; prints the status of each.
CALLS = """
import causeline

for arguments in {calls!r}:
    sys.argv[1:] = arguments.split()
    try:
        causeline.main()
    except SystemExit as ended:
        print(ended.code)
"""


#: Lies beside the clone.
BESIDE = """
import causeline
from causeline import App

app = App("hello")

@app.subscribe("said")
async def hear(text: str) -> None: ...

print(causeline.__file__, app.name)
"""


def cloned(folder: Path) -> Path:
    """What git knows of this tree, in a folder that has the name it gives to clones."""
    clone = folder / "causeline"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            (clone / name).write_bytes((ROOT / name).read_bytes())
    return clone


@pytest.fixture(scope="module")
def installed_clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with an environment in it, as `scripts/setup` makes it, but for the dependencies: those are ours."""
    clone = cloned(tmp_path_factory.mktemp("projects"))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", clone / ".venv"], check=True)
    pip = [sys.executable, "-m", "pip", "--python", clone / ".venv" / "bin" / "python", "install", "--quiet"]
    subprocess.run([*pip, "--disable-pip-version-check", "--no-deps", "--editable", clone], check=True)
    return clone


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "command"),
    [
        (".", "causeline/.venv/bin/python hello.py"),
        (".", "causeline/.venv/bin/causeline worker hello.py"),
        (".", "causeline/.venv/bin/python -m causeline worker hello.py"),
        ("causeline", ".venv/bin/causeline worker ../hello.py"),
    ],
)
def test_a_script_beside_a_clone_imports_what_is_in_it(installed_clone: Path, folder: str, command: str) -> None:
    """The clone's folder has the name of its module, and is found first. No worker has a server here, and ends."""
    beside = installed_clone.parent
    (beside / "hello.py").write_text(BESIDE)
    plain = {name: value for name, value in os.environ.items() if not name.startswith("CAUSELINE_")}
    settings = {"CAUSELINE_REDIS_URL": "redis://127.0.0.1:1", "PYTHONPATH": sysconfig.get_path("purelib")}

    done = subprocess.run(
        command.split(), cwd=beside / folder, env=plain | settings, capture_output=True, text=True, check=False
    )

    assert done.stdout == f"{installed_clone / 'causeline.py'} hello\n", done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in a wheel that was built from what git knows of this tree."""
    clone, out = cloned(tmp_path_factory.mktemp("clone")), tmp_path_factory.mktemp("wheel")
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


@pytest.mark.parametrize(
    ("extra", "package"),
    [("", "runtime"), ("samples", "sample_agents"), ("collector", "collector"), ("dashboard", "dashboard")],
    ids=["base", "samples", "collector", "dashboard"],
)
def test_every_package_imports_with_what_its_own_extra_brings(extra: str, package: str) -> None:
    """A runtime on a small machine needs neither DuckDB nor Streamlit, nor does the dashboard need DuckDB."""
    done = run_with(extra, IMPORT_ALL.format(package=package, adapters=ADAPTERS))

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("langgraph", "this needs LangGraph, of which something is missing"),
        ("pydantic_ai", "this needs Pydantic AI, of which something is missing"),
    ],
)
def test_an_adapter_without_its_framework_says_what_to_install(name: str, says: str) -> None:
    """In one line, with the command."""
    done = run_with("", f"import causeline.{name}")

    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"ImportError: {says}")
    assert "pip install '" in last


def test_the_base_install_runs_an_app(redis_url: str, tmp_path: Path) -> None:
    """Steps, events and their telemetry; nobody listens to that."""
    done = run_with("", SMALL_APP, CAUSELINE_REDIS_URL=redis_url, CAUSELINE_HOME=str(tmp_path))

    assert (done.returncode, sorted(done.stdout.splitlines())) == (0, ["result 7", "stamped 7"]), done.stderr


def test_a_database_whose_driver_is_not_installed_is_refused_with_what_to_install(tmp_path: Path) -> None:
    """One line of an error that names the setting."""
    url = "postgresql://ann:s3cret@127.0.0.1:1/runs"
    done = run_with("", SMALL_APP, CAUSELINE_HOME=str(tmp_path), CAUSELINE_STATE_URL=url)

    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert "CAUSELINE_STATE_URL names a PostgreSQL server" in last
    assert "pip install 'causeline[postgres]'" in last
    assert "s3cret" not in done.stderr


def test_a_broker_whose_driver_is_not_installed_is_refused_with_what_to_install(tmp_path: Path) -> None:
    """One line of an error that names the setting; and who names no broker is told that, too."""
    bridged = SMALL_APP.replace('App("parcels")', 'App("parcels")\napp.rabbitmq.inbound(queue="q", channel="c")')
    url = "amqp://ann:s3cret@127.0.0.1:1/"
    done = run_with("", bridged, CAUSELINE_HOME=str(tmp_path), CAUSELINE_RABBITMQ_URL=url)
    nameless = run_with("", bridged, CAUSELINE_HOME=str(tmp_path))

    assert (done.returncode, nameless.returncode) == (1, 1)
    last = done.stderr.strip().splitlines()[-1]
    assert "CAUSELINE_RABBITMQ_URL names a RabbitMQ server" in last
    assert "pip install 'causeline[rabbitmq]'" in last
    assert "s3cret" not in done.stderr
    assert "CAUSELINE_RABBITMQ_URL is not set" in nameless.stderr.strip().splitlines()[-1]


def test_the_base_install_has_the_command_line() -> None:
    """All commands are listed, also those that need more."""
    done = run_with("", CALLS.format(calls=["--help"]))

    assert done.stdout.endswith("\n0\n"), done.stderr
    listed = {"demo", "dev", "collector", "dashboard", "worker", "trace", "audit", "dlq", "runs"}
    assert listed - set(re.findall(r"\w+", done.stdout)) == set()


@pytest.mark.parametrize(
    ("extra", "needed"),
    [
        (
            "",
            {
                "collector": "collector",
                "dashboard": "dashboard",
                "dev": "collector",
                "demo": "collector",
                "demo --headless": "collector",
            },
        ),
        ("collector", {"dashboard": "dashboard", "dev": "dashboard", "demo": "dashboard"}),
    ],
    ids=["base", "collector"],
)
def test_a_command_that_needs_an_extra_says_in_one_line_what_to_install(
    extra: str, needed: dict[str, str], tmp_path: Path
) -> None:
    """Before it does anything."""
    done = run_with(extra, CALLS.format(calls=list(needed)), CAUSELINE_HOME=str(tmp_path / "home"))

    assert done.stderr.splitlines() == [
        f"causeline: the {package} is not installed: pip install 'causeline[{package}]'" for package in needed.values()
    ]
    assert done.stdout.split() == ["2"] * len(needed)
    assert not (tmp_path / "home").exists()


def run_with(extra: str, program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a program as if the base alone were installed, or the base and one extra."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CAUSELINE_", "OTEL_"))}
    return subprocess.run(
        [sys.executable, "-c", LESS.format(missing=missing(extra)) + program],
        env=kept | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", "COLUMNS": "100"} | environment,
        cwd=ROOT,
        timeout=60,
        capture_output=True,
        text=True,
        check=False,
    )


def missing(extra: str) -> set[str]:
    """Modules of this environment that neither the base nor the extra brings."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    brought = _brought([*project["dependencies"], *project["optional-dependencies"].get(extra, [])])
    modules = metadata.packages_distributions()
    return {name for name, owners in modules.items() if brought.isdisjoint(map(_plain, owners))}


def _brought(lines: Iterable[str]) -> set[str]:
    """This distribution and those that requirements bring, directly or by way of others."""
    waiting = [Requirement(line) for line in lines]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement = waiting.pop()
        name = _plain(requirement.name)
        for extra in {"", *requirement.extras} - {of for known, of in seen if known == name}:
            seen.add((name, extra))
            waiting += [one for one in _needed(name) if one.marker is None or one.marker.evaluate({"extra": extra})]
    return {"causeline", *(name for name, _ in seen)}


def _needed(name: str) -> list[Requirement]:
    try:
        return [Requirement(line) for line in metadata.requires(name) or ()]
    except metadata.PackageNotFoundError:  # of another system or Python
        return []


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
