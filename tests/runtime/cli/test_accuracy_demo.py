"""The demo with calls of a model: its table, and what the collector has of it."""

from pathlib import Path

import pytest

from tests.runtime.cli.commands import forked

pytestmark = [pytest.mark.redis, pytest.mark.slow]


def test_it_ends_with_the_figures_beside_the_articles_and_says_that_they_are_simulated(tmp_path: Path) -> None:
    """Every step has its scores at the collector, and the first event its whole chain, or the status were 1."""
    ended = forked("demo", "accuracy", "--headless", "--shipments", "2", "--width", "900", folder=tmp_path)
    assert (ended.status, ended.err) == (0, "")
    said = " ".join(ended.out.split())
    assert "SIMULATED model, attention 900 tokens wide" in said
    for words in ("everything travels along", "each agent sees its keys", "the article's 23%"):
        assert words in said
