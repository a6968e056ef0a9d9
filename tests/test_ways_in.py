"""The pages about ways in are true: their blocks run, or are sound, and what they name is there."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.collector.agents.programs import EXAMPLES, PROGRAMS, Program

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs" / "ways-in").glob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(page.name, language, text) for page in PAGES for language, text in BLOCK.findall(page.read_text())]


def of(language: str) -> list[str]:
    """All blocks of a language."""
    return [text for _, told, text in BLOCKS if told == language]


def test_every_block_is_of_a_language_that_is_looked_at() -> None:
    """None escapes."""
    assert {language for _, language, _ in BLOCKS} == {"bash", "python", "yaml", "javascript"}


@pytest.mark.parametrize("text", of("python"))
def test_python_compiles(text: str) -> None:
    """Warnings are errors."""
    compile(text, "page", "exec")


@pytest.mark.parametrize("text", of("yaml"))
def test_a_collectors_pipelines_use_what_is_defined(text: str) -> None:
    """And send to us."""
    read = yaml.safe_load(text)
    for pipeline in read["service"]["pipelines"].values():
        for kind in ("receivers", "processors", "exporters"):
            assert set(pipeline[kind]) <= set(read[kind])
    assert read["exporters"]["otlphttp/causeline"]["endpoint"] == "http://127.0.0.1:4318"


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


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_pages_install_what_programs_need(program: Program) -> None:
    """By the names that they were recorded with."""
    lines = [line for text in of("bash") for line in text.splitlines() if line.startswith("pip")]
    told = {word.partition("[")[0] for line in lines for word in shlex.split(line)[2:]}
    path, packages = program.path, program.packages
    if path.parent == EXAMPLES:
        needed = {package.partition("==")[0].partition("[")[0] for package in packages}
        assert needed - told <= {"openai", "opentelemetry-instrumentation-langchain"}
