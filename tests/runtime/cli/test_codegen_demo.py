"""The demo of agents that write code, by the command that its page has."""

import re
from pathlib import Path

import pytest

from tests.runtime.cli.commands import forked

DOCS = Path(__file__).parents[3] / "docs"

pytestmark = [pytest.mark.redis, pytest.mark.slow]


def test_it_ends_with_what_tests_have_found_and_says_that_models_are_simulated(tmp_path: Path) -> None:
    """The collector has every score, and draws a feature of each fate, or the status were 1; nobody has to approve."""
    page = (DOCS / "codegen.md").read_text()
    (words,) = re.findall(r"^causeline (demo codegen --headless .*)$", page, re.MULTILINE)
    ended = forked(*words.split(), folder=tmp_path)
    assert (ended.status, ended.err) == (0, "")
    assert "SIMULATED" in ended.out
    figures = {
        "features": 7,
        "features delivered": 5,
        "that were not approved": 1,
        "given up": 1,
        "wait for your approval": 0,
    }
    for name, count in figures.items():
        assert re.search(rf"{name} +{count}\b", ended.out), name
    assert re.search(r"^wrong +[1-9]\d* +AssertionError", ended.out, re.MULTILINE)
