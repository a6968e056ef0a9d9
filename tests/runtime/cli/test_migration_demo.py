"""The demo of a migration, by the command that its page has."""

import re
from pathlib import Path

import pytest

from sample_agents.migration.workload import LEAST
from tests.runtime.cli.commands import forked

#: Payments of a week that is a shorter one than the page's: twice as many as there have to be.
SIZE = 2 * LEAST
DOCS = Path(__file__).parents[3] / "docs"

pytestmark = [pytest.mark.redis, pytest.mark.slow]


def test_it_ends_with_all_steps_moved_and_books_that_agree(tmp_path: Path) -> None:
    """The collector counts as many runs, and draws a payment before and after, or the status were 1."""
    page = (DOCS / "migration.md").read_text()
    (words,) = re.findall(r"^causeline (demo migration --headless .*) --size \d+$", page, re.MULTILINE)
    ended = forked(*words.split(), "--size", str(SIZE), folder=tmp_path)
    assert (ended.status, ended.err) == (0, "")
    for name, count in {"lost": 0, "done twice": 0, "steps moved": 4}.items():
        assert re.search(rf"^{name} +{count}\b", ended.out, re.MULTILINE)
    assert "loyalty found wrong (points), mended, compared anew" in ended.out


def test_a_week_of_too_few_payments_is_refused(tmp_path: Path) -> None:
    """In one line, and with status 2."""
    ended = forked("demo", "migration", "--headless", "--size", "5", folder=tmp_path)
    assert ended.status == 2
    assert "--size must be at least 28" in ended.err
