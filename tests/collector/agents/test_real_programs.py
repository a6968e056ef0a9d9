"""The real libraries, installed and run: what they send today is what was recorded."""

import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from collector.client import CollectorClient
from tests.collector.agents import truth
from tests.collector.agents.programs import CELERY, FASTSTREAM, PROGRAMS, ROOT, Program
from tests.collector.agents.recording import EnvironmentMissingError, environment, redis, run
from tests.collector.agents.test_recorded import GUESSED
from tests.collector.live import LiveCollector

#: Those that a page shows.
PAGED = [program for program in PROGRAMS if "hard" not in program.name]


@pytest.fixture
def folder(pytestconfig: pytest.Config) -> Path:
    """Where the environments stay for the next time."""
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("agents")


def made(program: Program, folder: Path) -> Path:
    """The interpreter of its environment."""
    try:
        return environment(program.packages, folder)
    except EnvironmentMissingError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"pip can't install it here: {error}")


@pytest.mark.battery
@pytest.mark.timeout(900)
@pytest.mark.parametrize("program", [CELERY, FASTSTREAM], ids=lambda program: program.name)
def test_a_program_that_passes_messages_runs_now(
    program: Program, folder: Path, collector: LiveCollector, client: CollectorClient, tmp_path: Path
) -> None:
    """As often as it says that it worked, it did."""
    python = made(program, folder)
    with redis(program, tmp_path) as told:
        server = replace(program, variables={**program.variables, **told})
        journal = run(server, python, collector.url, tmp_path / "journal.json")
    ((trace,),) = (client.traces().items,)
    spans = client.trace(trace.trace_id).spans
    assert sum(span.kind == "consumer" for span in spans) == len(journal)


@pytest.mark.battery
@pytest.mark.timeout(900)
@pytest.mark.parametrize("program", [*PAGED, CELERY, FASTSTREAM], ids=lambda program: program.name)
def test_what_its_page_says_runs(program: Program, folder: Path) -> None:
    """Each block, in the environment that the page has installed."""
    pages = [page.read_text() for page in (ROOT / "docs" / "ways-in").glob("*.md")]
    blocks = [
        block
        for page in pages
        if f"docs/examples/{program.path.name}" in page
        for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    ]
    assert blocks
    for block in blocks:
        subprocess.run((made(program, folder), "-c", block), check=True, timeout=120, cwd=folder)


@pytest.mark.battery
@pytest.mark.timeout(900)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_program_that_runs_now_is_shown_as_it_ran(
    program: Program, folder: Path, collector: LiveCollector, client: CollectorClient, tmp_path: Path
) -> None:
    """Runs, steps, calls, tokens and causes, one by one, through the real receiver."""
    python = made(program, folder)
    told = truth.of_journal(run(program, python, collector.url, tmp_path / "journal.json"))
    found = truth.of_api(client.runs().items, client.run)
    assert (found.runs, found.steps, found.models, found.calls) == (told.runs, told.steps, told.models, told.calls)
    assert found.edges == {**told.edges, **GUESSED.get(program.name, {})}
