"""How a figure went, as small bars."""

import re

from dashboard.figures import sparkline


def heights(html: str) -> list[str]:
    """How high each bar is."""
    return re.findall(r"background:red;height:([\d.]+(?:%|px))", html)


def test_bars_are_as_high_as_their_share_of_the_highest() -> None:
    """What is small is seen, and where nothing was there is a line."""
    assert heights(sparkline.bars([0, 1, 50, 100], list("abcd"), "Runs", "red")) == ["1px", "5%", "50%", "100%"]


def test_nothing_at_all_is_no_error() -> None:
    """Neither of no time nor of a quiet one."""
    assert heights(sparkline.bars([], [], "Runs", "red")) == []
    assert heights(sparkline.bars([0, 0], ["a", "b"], "Runs", "red")) == ["1px", "1px"]


def test_words_stay_words() -> None:
    """Whoever names a figure makes no element."""
    assert "<b" not in sparkline.bars([1], ["<b>"], '"><b>', "red")
