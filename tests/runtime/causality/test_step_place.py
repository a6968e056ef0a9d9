"""Places of a run in one word, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.causality.identity import step_id
from runtime.causality.step_place import StepPlace
from tests.contract.made import uuid

names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,20}", fullmatch=True)
places = st.builds(StepPlace, names, st.integers(1, 2000), st.none() | st.integers(0, 20_000), st.booleans())


@given(places)
def test_a_word_stands_for_one_place(place: StepPlace):
    """Whatever the step is called."""
    assert StepPlace.parse(place.word) == place


def test_the_first_place_of_a_step_is_its_name():
    """So that the ids of nodes are what they were before there were rounds and items."""
    assert (StepPlace("sorting").word, StepPlace("sorting").mark) == ("sorting", "")
    assert step_id(uuid(1), "sorting", StepPlace("sorting").mark) == step_id(uuid(1), "sorting")


def test_rounds_and_items_have_nodes_of_their_own():
    """The same whenever they are asked for."""
    marks = [
        place.mark
        for place in (
            StepPlace("a"),
            StepPlace("a", 2),
            StepPlace("a", index=0),
            StepPlace("a", 2, 0),
            StepPlace("a", 20),
        )
    ]
    marks.append(StepPlace("a", 2, 0, is_undo=True).mark)
    assert marks == ["", "#2", "[0]", "#2[0]", "#20", "~#2[0]"]
    assert len({step_id(uuid(1), "a", mark) for mark in marks}) == len(marks)


@pytest.mark.parametrize("word", ["", "a#", "a[", "a[x]", "#2", "a~"])
def test_no_other_word_is_a_place(word: str):
    """A fault of ours: nobody writes one by hand."""
    with pytest.raises(AssertionError, match="is not a place of a step"):
        StepPlace.parse(word)
