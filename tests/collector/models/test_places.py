"""What nodes of one step are called."""

import pytest

from collector.models import places
from runtime.causality.step_place import StepPlace


@pytest.mark.parametrize(
    ("mark", "name"),
    [
        (None, "weigh"),
        ("", "weigh"),
        ("[3]", "weigh [3]"),
        ("#2", "weigh, round 2"),
        ("#2[3]", "weigh, round 2 [3]"),
        ("~", "undo of weigh"),
        ("~#2[3]", "undo of weigh, round 2 [3]"),
        ("@later", "weigh @later"),
    ],
)
def test_a_place_is_told_in_words(mark: str | None, name: str):
    """A mark that is not known here is told as it is."""
    assert places.called("weigh", mark) == name


@pytest.mark.parametrize(
    "place", [StepPlace("weigh"), StepPlace("weigh", 2), StepPlace("weigh", 1, 0), StepPlace("weigh", 2, 3)]
)
def test_what_the_server_names_in_a_word_is_called_the_same(place: StepPlace):
    """It has the step's name and its mark in one."""
    assert places.of_word(place.word) == places.called(place.step, place.mark)
