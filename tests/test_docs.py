"""The pages of the docs are true: their examples run as they stand."""

import re
import subprocess
import sys
from pathlib import Path

from runtime.supervisor.python import child_environment

DOCS = Path(__file__).parents[1] / "docs"


def ran(page: str, folder: Path, number: int = 0) -> str:
    """What an example of a page prints; the first one is number 0."""
    example = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)[number]
    program = folder / "example.py"
    program.write_text(example)
    own = {name: value for name, value in child_environment().items() if not name.startswith(("CAUSELINE_", "OTEL_"))}
    surroundings = {**own, "CAUSELINE_HOME": str(folder / "home"), "CAUSELINE_TELEMETRY": "false"}
    done = subprocess.run(
        [sys.executable, program],
        capture_output=True,
        text=True,
        env=surroundings,
        cwd=folder,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_crew_reviews_and_revises_until_it_is_good(tmp_path: Path) -> None:
    """As the page on flows has it: in less than seventy lines of code."""
    said = ran("flows.md", tmp_path)
    assert sorted(said.splitlines()) == ["deployed greetings: api, tests, docs", "greetings: api, tests, docs"]


def test_a_wait_is_tested_as_the_page_on_flows_has_it(tmp_path: Path) -> None:
    """On a server of its own, with time turned."""
    crew, tests = re.findall(r"```python\n(.*?)```", (DOCS / "flows.md").read_text(), re.DOTALL)
    (tmp_path / "crew.py").write_text(crew)
    (tmp_path / "test_feature.py").write_text(tests)
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n")
    own = {name: value for name, value in child_environment().items() if not name.startswith(("CAUSELINE_", "OTEL_"))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, capture_output=True, text=True, env=own, cwd=tmp_path, timeout=100, check=False)
    assert "2 passed" in done.stdout, done.stdout


def test_agents_that_answer_for_ever_are_parked(tmp_path: Path) -> None:
    """As the page on budgets has it."""
    assert ran("budgets.md", tmp_path) == "spent: 5 hops, 40 tokens, 1 parked\n"


def test_a_reminder_comes_later(tmp_path: Path) -> None:
    """As the page on channels has it."""
    assert ran("channels.md", tmp_path) == "order 7 is not paid yet\n"


def test_a_payment_that_fails_holds_up_its_order_alone(tmp_path: Path) -> None:
    """As the page on channels has it."""
    assert ran("channels.md", tmp_path, 1) == "B 1\nB 2\nA 1\nA 2\n"


def test_what_a_step_streams_is_read_to_its_end(tmp_path: Path) -> None:
    """As the page on streaming has it."""
    assert ran("streaming.md", tmp_path) == "1 chunk Dear \n2 chunk Ada\n3 chunk , hello.\n3 end ok\nDear Ada, hello.\n"


def test_an_agent_is_asked_once_over_two_attempts(tmp_path: Path) -> None:
    """As the page on adapters has it, of Pydantic AI."""
    assert ran("adapters.md", tmp_path) == 'looked up, once\n{"find_order":"paid"}\n'


def test_a_graph_is_run_once_over_two_attempts(tmp_path: Path) -> None:
    """The same of LangGraph, in two rounds."""
    text = "'a text about causes'"
    told = f"drafted, once a round\ndrafted, once a round\n[{text}, 'again', {text}, 'good']\n"
    assert ran("adapters.md", tmp_path, 1) == told
