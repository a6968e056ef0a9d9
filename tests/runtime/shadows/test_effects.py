"""What a step and its successor do beside their results is compared by name and number."""

from runtime.shadows.comparison import Difference
from runtime.shadows.effects import compare_effects, decode_effects, encode_effects


def test_what_one_does_and_the_other_does_not_differs():
    """Or more often; what is ignored, and what both do, does not."""
    step, successor = {"publish a": 2, "write b": 1, "keep c": 1, "same": 1}, {"publish a": 1, "write d": 3, "same": 1}
    assert list(compare_effects(step, successor, ("keep c",))) == [
        Difference("publish a", "2", "1"),
        Difference("write b", "1", "(absent)"),
        Difference("write d", "(absent)", "3"),
    ]


def test_they_travel_with_the_event_and_one_without_says_nothing():
    """As one that an earlier version has sent: that is not to have done nothing."""
    assert decode_effects(encode_effects({"publish a": 2})) == {"publish a": 2}
    assert (decode_effects(encode_effects({})), decode_effects("")) == ({}, None)
