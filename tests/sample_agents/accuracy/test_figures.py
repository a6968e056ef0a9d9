"""Shares beside the article's figures, in words that promise no more than the numbers."""

import pytest

from sample_agents.accuracy import figures
from sample_agents.accuracy.conversation import Shape
from sample_agents.accuracy.dossier import CALLS
from sample_agents.accuracy.figures import Share


def counts(whole: int, keys: int, n: int) -> figures.Counts:
    return {Shape.EVERYTHING: ([whole] * CALLS, n), Shape.KEYS: ([keys] * CALLS, n)}


def test_the_interval_is_wilsons() -> None:
    """By figures of the literature (Newcombe 1998: 81 of 263), and whole at both ends."""
    assert Share(81, 263).interval == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert (Share(10, 10).interval[1], Share(0, 10).interval[0]) == (1.0, 0.0)
    assert (Share(0, 0).value, Share(0, 0).interval) == (0.0, (0.0, 1.0))


@pytest.mark.parametrize(
    ("whole", "keys", "words"),
    [
        (770, 990, ("23% is within", "'above 95%' holds")),
        (950, 900, ("23% is outside of", "'above 95%' does not hold")),
        (770, 955, ("23% is within", "holds, so few can't tell")),
    ],
)
def test_what_differs_from_the_article_is_said(whole: int, keys: int, words: tuple[str, str]) -> None:
    """And what can't be told."""
    said = figures.beside_the_article(counts(whole, keys, 1_000))
    assert all(part in text for part, text in zip(words, said.values(), strict=True))


def test_the_table_has_a_row_a_call_and_says_who_answered() -> None:
    """The article's figures stand beside the call that they are of."""
    table = figures.by_call(counts(7, 9, 10), "SIMULATED model")
    assert "SIMULATED" in table.title
    assert [row[0] for row in table.rows if row[3]] == ["8"]
    assert len(table.rows) == CALLS


def test_widths_are_in_order_and_their_figures_said_to_be_simulated() -> None:
    """With how many dossiers."""
    table = figures.by_width({2_000: counts(7, 9, 10), 500: counts(1, 2, 10)})
    assert [row[0] for row in table.rows] == ["500", "2,000"]
    assert "SIMULATED" in table.title
    assert "10 dossiers" in table.title
