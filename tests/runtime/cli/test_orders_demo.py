"""The demo of orders, by the command that its page has."""

import re
from pathlib import Path

import pytest

from tests.runtime.cli.commands import causeline

DOCS = Path(__file__).parents[3] / "docs"

pytestmark = [pytest.mark.redis, pytest.mark.slow]


def test_it_ends_with_books_that_agree_and_the_latency_by_subscribers(tmp_path: Path) -> None:
    """The collector counts as many runs of each end, and draws an order of each fate, or the status were 1."""
    page = (DOCS / "orders.md").read_text()
    (words,) = re.findall(r"^causeline (demo orders --headless .*)$", page, re.MULTILINE)
    ended = causeline(*words.split(), folder=tmp_path)
    assert (ended.status, ended.err) == (0, "")
    for name, count in {"orders charged twice": 0, "orders refunded twice": 0}.items():
        assert re.search(rf"{name} +{count}\b", ended.out)
    kept, worth = (re.search(rf"{name} +([\d.,]+) EUR", ended.out) for name in ("money kept", "worth of the parcels"))
    assert kept is not None
    assert worth is not None
    assert kept[1] == worth[1]
    assert re.findall(r"^(\d+) +12 +\d+ ms", ended.out, re.MULTILINE) == ["1", "2", "5"]


def test_an_option_of_another_sample_is_refused_by_name(tmp_path: Path) -> None:
    """In one line, and with status 2."""
    ended = causeline("demo", "orders", "--headless", "--width", "5", folder=tmp_path)
    assert ended.status == 2
    assert "unrecognized arguments: --width 5" in ended.err
