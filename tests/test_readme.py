"""The README and the page of settings are true to the letter: examples run, settings are all there are, links lead
somewhere."""

import re
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pytest

from collector.settings import Settings as CollectorSettings
from dashboard.settings import Settings as DashboardSettings
from runtime.settings import Settings as RuntimeSettings
from runtime.supervisor.python import child_environment
from sample_agents.accuracy.settings import Settings as SampleSettings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
SETTINGS = (ROOT / "docs" / "settings.md").read_text()

#: Pages that link to each other.
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").rglob("*.md"))]

INTERNAL = {"CAUSELINE_PARENT_FD"}
"""Variables that only our own processes hand to each other."""


#: What the examples after the first leave to their readers to import and to define.
OPTIONS = """
from dataclasses import dataclass
from causeline import *
from hello import app, greet

def search(words: str) -> list[str]:
    return [words]

other = app.workflow("other", name=str)
other.step(name="follow")(lambda name: name.upper())

@dataclass
class Answer:
    text: str
"""

WEB = """
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID
from fastapi import FastAPI, Request
from pydantic import BaseModel
from causeline import App

class Order(BaseModel):
    number: int

app = App("shop")
shipment = app.workflow("shipment", order=Order)

@shipment.step
async def ship(order: Order) -> int:
    return order.number
"""

ASKED = """
from fastapi.testclient import TestClient

with TestClient(web) as client:
    asked = [client.post("/orders", json={"number": 7}, headers={"Idempotency-Key": key}) for key in ("a", "a", "b")]
    runs = [answer.json() for answer in asked]
    print(runs[0] == runs[1], runs[0] == runs[2], client.get(f"/orders/{runs[0]}").json())
"""

TRIED = """
from causeline.testing import harness

async def test_it():
    async with harness(app) as tested:
        last = await tested.run(greet, name="Ada")
        assert last == {"send": {"text": "Hello, Ada!"}, "ask": Answer("ADA")}
        assert [one.begun.breaker for one in tested.facts.attempts if one.begun.agent == "ask"] == ["model-api"]
"""

CONFIGURATION = "[pytest]\nasyncio_mode = auto\n"


def examples() -> list[str]:
    """The blocks of Python, in order."""
    return re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def first_example() -> str:
    return examples()[0]


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Python in a folder, as a newcomer's terminal has it, with no collector."""
    plain = {name: value for name, value in child_environment().items() if not name.startswith("CAUSELINE_")}
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**plain, "CAUSELINE_COLLECTOR_URL": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_first_example_has_at_most_25_lines_one_workflow_and_one_subscriber() -> None:
    """A newcomer copies it in one glance."""
    code = first_example()
    assert len(code.splitlines()) <= 25
    assert (code.count("app.workflow("), code.count("@app.subscribe(")) == (1, 1)


def test_the_first_example_runs_in_an_empty_folder(tmp_path: Path) -> None:
    """It prints what its subscriber does and what its run returns, with an embedded server of its own."""
    (tmp_path / "hello.py").write_text(first_example())
    done = run(tmp_path, "hello.py")
    assert (done.returncode, sorted(done.stdout.splitlines())) == (0, ["Hello, Ada!", "{'text': 'Hello, Ada!'}"]), (
        done.stderr
    )
    assert (tmp_path / ".causeline").is_dir()


def test_the_options_of_a_step_are_taken(tmp_path: Path) -> None:
    """And work: what it starts is its own, its breaker is named."""
    (tmp_path / "hello.py").write_text(first_example())
    returned = examples()[1].replace(
        "    return await follow_up.result()", "    return Answer(await follow_up.result())"
    )
    (tmp_path / "test_options.py").write_text(OPTIONS + returned + TRIED)
    (tmp_path / "pytest.ini").write_text(CONFIGURATION)
    done = run(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout


def test_a_web_request_that_is_sent_twice_starts_one_run(tmp_path: Path) -> None:
    """With one connection, and no worker in the web server."""
    (tmp_path / "web.py").write_text(WEB + examples()[2] + ASKED)
    done = run(tmp_path, "-W", "ignore", "web.py")
    assert (done.returncode, done.stdout) == (0, "True False running\n"), done.stderr


def test_the_words_for_a_notebook_work_there(tmp_path: Path) -> None:
    """Where an event loop runs already."""
    found = re.search(r"In a notebook write `(.*?)`", README)
    assert found is not None
    block, _, statements = found[1].partition(": ")
    lines = "\n".join((block + ":", *(f"    {one}" for one in statements.split("; "))))
    (tmp_path / "hello.py").write_text(first_example())
    cell = f"from hello import *\nimport asyncio\nasync def cell():\n{indent(lines, '    ')}\nasyncio.run(cell())"
    done = run(tmp_path, "-c", cell)
    assert "{'text': 'Hello, Ada!'}" in done.stdout, done.stderr


def test_the_test_of_ones_agents_passes(tmp_path: Path) -> None:
    """As it stands, beside the first example."""
    (tmp_path / "hello.py").write_text(first_example())
    (tmp_path / "test_hello.py").write_text(examples()[3])
    (tmp_path / "pytest.ini").write_text(CONFIGURATION)
    done = run(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout


def test_the_settings_table_names_every_variable_and_no_other() -> None:
    """Whoever adds a setting tells its users."""
    told = set(re.findall(r"CAUSELINE_[A-Z_]+", SETTINGS))
    fields = [
        f"CAUSELINE_{name.upper()}"
        for settings in (RuntimeSettings, CollectorSettings, DashboardSettings, SampleSettings)
        for name in settings.model_fields
    ]
    assert told == set(fields) - INTERNAL


def test_readme_names_no_variable_that_is_none() -> None:
    """Where it tells of the most important ones."""
    assert set(re.findall(r"CAUSELINE_[A-Z_]+", README)) <= set(re.findall(r"CAUSELINE_[A-Z_]+", SETTINGS))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_pages_lead_to_files_and_to_headings_within(page: Path) -> None:
    """Links to other sites are left out."""
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        path, _, heading = link.partition("#")
        if "://" not in link:
            target = page.parent / path if path else page
            assert target.exists(), link
            assert not heading or heading in _headings(target), link


def _headings(page: Path) -> set[str]:
    """As GitHub makes addresses of them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
