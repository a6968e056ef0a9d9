"""The rules of the house that no linter knows."""

import ast
import copy
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("runtime", "collector", "dashboard", "sample_agents")

#: Imports that break the rules of the house, by a module that exists of one that exists.
BREACHES = (
    ("runtime.home", "collector.models"),
    ("runtime.home", "dashboard.wording"),
    ("runtime.home", "sample_agents.world"),
    ("runtime.home", "causeline"),
    ("runtime.semconv", "runtime"),
    ("runtime.semconv", "runtime.home"),
    ("runtime.semconv", "runtime.bus.keys"),
    ("collector.server", "runtime"),
    ("collector.server", "runtime.facts"),
    ("collector.server", "runtime.definitions.context"),
    ("collector.server", "runtime.bus.keys"),
    ("collector.server", "dashboard.wording"),
    ("collector.server", "sample_agents.world"),
    ("collector.server", "causeline"),
    ("dashboard.wording", "collector"),
    ("dashboard.wording", "collector.questions"),
    ("dashboard.wording", "collector.server"),
    ("dashboard.wording", "collector.api.app"),
    ("dashboard.wording", "collector.times"),
    ("dashboard.wording", "runtime.semconv"),
    ("dashboard.wording", "sample_agents.world"),
    ("dashboard.wording", "causeline"),
    ("collector.models.base", "collector.client"),
    ("collector.transport", "collector.client"),
    ("collector.store.batch", "collector.otlp.budget"),
    ("collector.questions.accuracy", "collector.operations.letter_search"),
    ("dashboard.wording", "dashboard.palette"),
    ("dashboard.figures.packing", "dashboard.parts.pinned_containers"),
    ("sample_agents.world", "collector.client"),
    ("sample_agents.world", "dashboard.wording"),
)

#: Lines of one module; what is longer holds more than one noun or policy.
LONGEST = 300


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    command = [program, "--no-logo", "--no-cache", "--config", ROOT / "pyproject.toml"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_imports_keep_their_contracts() -> None:
    """Arrows between packages run one way."""
    done = lint_imports(ROOT)

    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def breaches(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What the contracts say of a copy of the packages in which each of `BREACHES` was added inside a function."""
    folder = tmp_path_factory.mktemp("house")
    for path in sources(*PACKAGES):
        copied = folder / path.relative_to(ROOT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.write_bytes(path.read_bytes())
    for importer, imported in BREACHES:
        with folder.joinpath(*importer.split(".")).with_suffix(".py").open("a") as module:
            module.write(f"\ndef hidden() -> None:\n    import {imported}\n")
    return set(re.findall(r"(\S+ -> \S+) \(l\.", lint_imports(folder).stdout))


@pytest.mark.parametrize(("importer", "imported"), BREACHES)
def test_imports_that_no_contract_names_are_refused(breaches: set[str], importer: str, imported: str) -> None:
    """What a package may import is listed, not what it may not."""
    assert f"{importer} -> {imported}" in breaches


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, cache_dir=None, exclude_type_checking_imports=True)


def in_order(graph: grimp.ImportGraph) -> list[str]:
    """Every module after those that it imports."""
    needs = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    return list(graphlib.TopologicalSorter(needs).static_order())


def test_no_imports_go_in_a_circle_not_even_inside_functions(graph: grimp.ImportGraph) -> None:
    """Modules can be read, and understood, one after the other."""
    assert len(in_order(graph)) > 100


def test_a_circle_would_be_found(graph: grimp.ImportGraph) -> None:
    """Between two modules that are far apart."""
    circular = copy.deepcopy(graph)
    circular.add_import(importer="runtime.semconv", imported="runtime.worker.worker")

    with pytest.raises(graphlib.CycleError):
        in_order(circular)


def folders_in_order(graph: grimp.ImportGraph, package: str) -> None:
    """Goes through a package, then through each of its folders: what is in it comes after what that imports, where a
    module counts by itself, and a folder as one with all that it holds."""
    owners = {package: package}
    for child in graph.find_children(package):
        owners |= dict.fromkeys((child, *graph.find_descendants(child)), child)
        folders_in_order(graph, child)
    needs: dict[str, set[str]] = {owner: set() for owner in owners.values()}
    for module, owner in owners.items():
        imported = graph.find_modules_directly_imported_by(module)
        needs[owner] |= {owners[each] for each in imported if each in owners} - {owner}
    graphlib.TopologicalSorter(needs).prepare()


@pytest.mark.parametrize("package", PACKAGES)
def test_no_imports_go_in_a_circle_between_folders(graph: grimp.ImportGraph, package: str) -> None:
    """A folder can be understood without those that are built on it."""
    folders_in_order(graph, package)


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("runtime.server.names", "runtime.state.keys"),
        ("collector.store.schema", "collector.otlp.descriptor"),
        ("collector.api.params", "collector.api.routes.health"),
        ("dashboard.parts.stamp", "dashboard.views.event"),
    ],
)
def test_a_circle_between_folders_would_be_found(graph: grimp.ImportGraph, importer: str, imported: str) -> None:
    """Though no module is in one; in a folder of a folder too."""
    circular = copy.deepcopy(graph)
    circular.add_import(importer=importer, imported=imported)

    with pytest.raises(graphlib.CycleError):
        folders_in_order(circular, importer.split(".")[0])


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    """One noun or one policy a file."""
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources(*PACKAGES)}

    assert {path for path, length in lengths.items() if length > LONGEST} == set()


def test_no_constant_of_the_collector_has_pyarrow_import_pandas() -> None:
    """Which it does with the first value that it makes of one of Python's, and a start takes a fifth longer."""
    constants = [
        (path.name, call)
        for path in sources("collector")
        for statement in ast.parse(path.read_text()).body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for call in ast.walk(statement)
    ]
    made = [name for name, call in constants if isinstance(call, ast.Call) and _makes_a_value(call.func)]

    assert made == []


def _makes_a_value(function: ast.expr) -> bool:
    return ast.unparse(function) in {"pa.scalar", "pa.array"}


def test_nothing_in_the_dashboards_folder_hides_another_module() -> None:
    """Streamlit puts that folder first on the path: `dashboard/X.py` would be everybody's `X`."""
    mine = {path.stem for path in (ROOT / "dashboard").iterdir() if path.suffix == ".py" or path.is_dir()}
    others = {*sys.stdlib_module_names, *packages_distributions(), *PACKAGES, "causeline", "tests"}

    assert mine & others - {"__init__", "__main__", "__pycache__"} == set()


def test_every_folder_of_tests_is_a_package() -> None:
    """Or `import runtime` inside `tests/runtime` would find the tests."""
    folders = {path.parent for path in sources("tests")}

    assert {str(folder) for folder in folders if not (folder / "__init__.py").exists()} == set()


@pytest.mark.parametrize("path", list(sources("tests")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_test_waits_a_fixed_time(path: Path) -> None:
    """A fixed wait is too long on one machine and too short on another; asking again in a loop is neither."""
    tree = ast.parse(path.read_text())
    asking = {call for loop in ast.walk(tree) if isinstance(loop, ast.While) for call in ast.walk(loop)}

    waits = [
        call.lineno for call in ast.walk(tree) if call not in asking and isinstance(call, ast.Call) and _waits(call)
    ]

    assert waits == [], "wait for a condition: `until` and `until_sync` of tests.waiting"


def _waits(call: ast.Call) -> bool:
    """Whether a call is a `sleep` of a literal time; less than a blink stands for work, a minute for endless work."""
    is_sleep = isinstance(call.func, ast.Attribute) and call.func.attr == "sleep"
    time = call.args[0] if call.args else None
    return (
        is_sleep and isinstance(time, ast.Constant) and isinstance(time.value, int | float) and 0.05 <= time.value < 60
    )
