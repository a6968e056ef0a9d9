"""The pages about ways in are true: their blocks run, or are sound, and what they name is there."""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from collector.otlp.signals import LOGS, METRICS, TRACES
from collector.settings import Settings
from tests.collector.agents.programs import CELERY, EXAMPLES, FASTSTREAM, PROGRAMS, Program

#: What the distributions of the Collector have, by kind.
COMPONENTS = {"receivers": {"otlp"}, "processors": {"batch"}, "exporters": {"otlp_http"}}

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs" / "ways-in").glob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(page.name, language, text) for page in PAGES for language, text in BLOCK.findall(page.read_text())]


def of(language: str, page: str | None = None) -> list[str]:
    """All blocks of a language, or those of one page."""
    return [text for name, told, text in BLOCKS if told == language and page in (None, name)]


def test_every_block_is_of_a_language_that_is_looked_at() -> None:
    """None escapes."""
    assert {language for _, language, _ in BLOCKS} == {"bash", "python", "yaml", "javascript"}


@pytest.mark.parametrize("text", of("python"))
def test_python_compiles(text: str) -> None:
    """Warnings are errors."""
    compile(text, "page", "exec")


@pytest.mark.parametrize("text", of("yaml"))
def test_a_collectors_pipelines_use_what_is_defined(text: str) -> None:
    """All of it, by components that every distribution has, and send each signal to us: the paths are put behind."""
    read = yaml.safe_load(text)
    pipelines = read["service"]["pipelines"]
    assert set(pipelines) == {signal.path.removeprefix("/v1/") for signal in (TRACES, METRICS, LOGS)}
    for kind, there in COMPONENTS.items():
        used = {name for pipeline in pipelines.values() for name in pipeline[kind]}
        assert used == set(read[kind])
        assert {name.partition("/")[0] for name in used} <= there
    (exporter,) = read["exporters"].values()
    assert exporter["endpoint"] == f"http://127.0.0.1:{Settings().collector_port}"
    assert exporter["headers"] == {"authorization": "Bearer ${env:CAUSELINE_TOKEN}"}
    assert read["receivers"]["otlp"]["protocols"]["http"]["endpoint"] != exporter["endpoint"].removeprefix("http://")


@pytest.mark.parametrize("text", [*of("javascript"), (EXAMPLES / "javascript_agent.mjs").read_text()])
def test_javascript_is_sound(text: str, tmp_path: Path) -> None:
    """As far as Node.js looks without running it."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    (tmp_path / "page.mjs").write_text(text)
    subprocess.run((node, "--check", tmp_path / "page.mjs"), check=True, timeout=30)


@pytest.mark.parametrize("text", of("bash"))
def test_commands_name_what_is_there(text: str) -> None:
    """Programs, and packages that they import."""
    for line in text.splitlines():
        words = [word for word in shlex.split(line) if "=" not in word]
        assert words[0] in ("pip", "npm", "python", "node", "causeline"), line
        for word in words[1:]:
            if word.startswith("docs/"):
                assert (ROOT / word).is_file(), word


def test_each_command_that_runs_a_program_is_run_by_a_test() -> None:
    """Those of Python with the real libraries, that of JavaScript with the real SDK."""
    named = {word for text in of("bash") for word in shlex.split(text) if word.startswith("docs/")}
    run = {program.path.name for program in (*PROGRAMS, CELERY, FASTSTREAM)} | {"javascript_agent.mjs"}
    assert {Path(word).name for word in named} == {name for name in run if (EXAMPLES / name).exists()}


@pytest.mark.parametrize(("page", "text"), [(page, text) for page, language, text in BLOCKS if language == "python"])
def test_what_a_page_says_is_what_its_program_does(page: str, text: str) -> None:
    """So that it runs wherever that runs: each import, and each call, word for word but for its own line breaks."""
    (name,) = {Path(word).name for block in of("bash", page) for word in shlex.split(block) if word.startswith("docs/")}
    program = _flat((EXAMPLES / name).read_text())
    statements = [ast.unparse(each) for each in ast.parse(text).body if isinstance(each, ast.ImportFrom | ast.Expr)]
    assert statements
    for statement in statements:
        words = _IMPORT.fullmatch(statement)
        if words:
            taken = {each.strip() for each in words["names"].split(",")}
            assert taken <= _imported(program, words["module"]), statement
        else:
            assert _flat(statement).partition("(")[0] in program, statement


_IMPORT = re.compile(r"from (?P<module>\S+) import (?P<names>.+)")


def _imported(program: str, module: str) -> set[str]:
    nodes = [node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.ImportFrom)]
    return {name.name for node in nodes if node.module == module for name in node.names}


def _flat(text: str) -> str:
    """Returns a program as it is written without regard to lines and quotes."""
    return ast.unparse(ast.parse(text))


def test_what_needs_only_us_runs(tmp_path: Path) -> None:
    """Where no collector is, the program runs all the same."""
    (line,) = [line for text in of("bash") for line in text.splitlines() if "-c" in shlex.split(line)]
    words = shlex.split(line)
    python = {"causeline": (sys.executable, "-m", "runtime.cli"), "python": (sys.executable,)}
    command = [part for word in words for part in python.get(word, (word,))]
    environ = {**os.environ, "CAUSELINE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    told = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
    done = subprocess.run(command, env={**environ, **told}, capture_output=True, text=True, timeout=60, check=True)
    assert "causeline: traces" in done.stderr


def test_every_page_and_example_is_found_from_the_index() -> None:
    """None is there for nobody."""
    index = (ROOT / "docs" / "ways-in" / "README.md").read_text()
    assert {page.name for page in PAGES} == {"README.md", *re.findall(r"\((\S+\.md)\)", index)}
    pages = "".join(page.read_text() for page in PAGES)
    examples = {path.name for path in EXAMPLES.iterdir() if path.is_file()} - {"journal.py"}
    assert {
        name for name in examples if f"docs/examples/{name}" in pages and f"../examples/{name}" in pages
    } == examples
    assert "(docs/ways-in/README.md)" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("program", [*PROGRAMS, CELERY, FASTSTREAM], ids=lambda program: program.name)
def test_pages_install_what_programs_need(program: Program) -> None:
    """By the names that they were recorded with."""
    lines = [line for text in of("bash") for line in text.splitlines() if line.startswith("pip")]
    told = {word.partition("[")[0] for line in lines for word in shlex.split(line)[2:]}
    path, packages = program.path, program.packages
    if path.parent == EXAMPLES:
        needed = {package.partition("==")[0].partition("[")[0] for package in packages}
        assert needed - told <= {"openai", "opentelemetry-instrumentation-langchain"}
