"""The real libraries, installed and run: what they send today is what was recorded."""

import os
from pathlib import Path

import pytest

from collector.client import CollectorClient
from tests.collector.agents import truth
from tests.collector.agents.programs import PROGRAMS, Program
from tests.collector.agents.recording import EnvironmentMissingError, environment, run
from tests.collector.agents.test_recorded import GUESSED
from tests.collector.live import LiveCollector


@pytest.fixture
def folder(pytestconfig: pytest.Config) -> Path:
    """Where the environments stay for the next time."""
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("agents")


@pytest.mark.battery
@pytest.mark.timeout(900)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_program_that_runs_now_is_shown_as_it_ran(
    program: Program, folder: Path, collector: LiveCollector, client: CollectorClient, tmp_path: Path
) -> None:
    """Runs, steps, calls, tokens and causes, one by one, through the real receiver."""
    try:
        python = environment(program.packages, folder)
    except EnvironmentMissingError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"pip can't install it here: {error}")
    told = truth.of_journal(run(program, python, collector.url, tmp_path / "journal.json"))
    found = truth.of_api(client.runs().items, client.run)
    assert (found.runs, found.steps, found.models, found.calls) == (told.runs, told.steps, told.models, told.calls)
    assert found.edges == {**told.edges, **GUESSED.get(program.name, {})}
