"""Answers that a client keeps to ask for them again: the last ones, and no more than some room holds."""

from collector.answer_cache import ALL, LARGEST, MOST, AnswerCache
from collector.models import Health
from collector.models.base import Model


def answer() -> Model:
    """Any."""
    return Health.model_construct()


def test_the_last_ones_are_kept() -> None:
    """Whoever is asked for again is among them."""
    known, one = AnswerCache(), answer()
    known.keep("first", "t", one, 10)
    for number in range(MOST - 1):
        known.keep(number, "t", answer(), 10)
    assert known.get("first") == ("t", one)
    known.keep("more", "t", answer(), 10)
    assert known.get("first") == ("t", one)
    assert known.get(0) is None


def test_large_ones_take_no_more_than_their_room() -> None:
    """However many there are; what is asked anew takes the place of what it was."""
    known = AnswerCache()
    for number in range(2 * ALL // LARGEST):
        known.keep(number, "t", answer(), LARGEST)
        known.keep(number, "u", answer(), LARGEST)
    kept = [number for number in range(2 * ALL // LARGEST) if known.get(number)]
    assert kept == list(range(ALL // LARGEST, 2 * ALL // LARGEST))
    known.keep("too large", "t", answer(), LARGEST + 1)
    assert known.get("too large") is None
