"""What changed against the time before, in words."""

from dashboard.figures import change
from dashboard.figures.change import Change


def test_more_and_less_are_told_with_what_was() -> None:
    """By per cent, and from ten times on by how many times."""
    assert change.of(72, 60, "60") == Change("20 %", "was 60", "up", "gray")
    assert change.of(30, 60, "60") == Change("50 %", "was 60", "down", "gray")
    assert change.of(900, 60, "60") == Change("15 times as much", "was 60", "up", "gray")


def test_trouble_is_red_as_it_grows_and_green_as_it_shrinks() -> None:
    """Volume is neither good nor bad."""
    assert change.of(3, 2, "2", is_trouble=True).colour == "red"
    assert change.of(1, 2, "2", is_trouble=True).colour == "green"


def test_what_begins_is_new_and_not_infinitely_more() -> None:
    """And what ends is all of it."""
    assert change.of(5, 0, "0", is_trouble=True) == Change("new", "none before", "up", "red")
    assert change.of(0, 5, "5", is_trouble=True) == Change("100 %", "was 5", "down", "green")


def test_nothing_is_told_of_what_stays_or_is_not_known() -> None:
    """A change of less than a per cent is none."""
    for now, before in ((5, 5), (0, 0), (1_000, 1_001), (None, 5), (5, None)):
        assert change.of(now, before, "x") == Change()
