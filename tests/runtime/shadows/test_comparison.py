"""Two results are compared field by field; what is never the same twice is left out by name."""

from typing import Any

import pytest
from pydantic import SecretStr

from runtime.codec.encode import encode
from runtime.shadows.comparison import MOST, Difference, find_differences


def fields(one: Any, other: Any, *, ignore: tuple[str, ...] = (), unordered: tuple[str, ...] = ()) -> list[str]:
    """The fields in which two values differ."""
    found = find_differences(encode(one, "one"), encode(other, "other"), ignore, unordered, lambda _, value: value)
    return [difference.field for difference in found]


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 1}, {"a": 2}, ["a"]),
        ({"a": 1}, {"a": True}, ["a"]),
        ({"a": 1}, {}, ["a"]),
        ({"a": None}, {}, ["a"]),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3, 4]}}, ["a.b[1]", "a.b[2]"]),
        ([1, 2], [2, 1], ["[0]", "[1]"]),
        (1, "1", ["(result)"]),
        (None, None, []),
        ({"a": []}, {"a": {}}, ["a"]),
    ],
)
def test_values_are_compared_as_json(one: Any, other: Any, found: list[str]):
    """A field that is not there differs from one that is None."""
    assert fields(one, other) == found


def test_fields_are_left_out_by_their_names_from_the_top():
    """Of each item of a list, without its place; nothing else that is called alike."""
    one = {"id": 1, "items": [{"id": 1, "n": 1}], "inner": {"id": 1}}
    other = {"id": 2, "items": [{"id": 2, "n": 1}], "inner": {"id": 2}}
    assert fields(one, other, ignore=("id", "items.id")) == ["inner.id"]


def test_lists_whose_order_does_not_matter_are_compared_as_bags():
    """Twice the same is not once the same."""
    assert fields({"tags": ["a", "b"]}, {"tags": ["b", "a"]}, unordered=("tags",)) == []
    assert fields({"tags": ["a", "b"]}, {"tags": ["b", "b"]}, unordered=("tags",)) == ["tags[0]"]


def test_secrets_are_compared_and_not_told():
    """By their types, and by what a redactor says of them."""
    one, other = {"pin": SecretStr("1234")}, {"pin": SecretStr("5678")}
    (found,) = find_differences(encode(one, "one"), encode(other, "other"), clean=lambda _, value: value)
    assert (found.field, "1234" in found.step, "5678" in found.successor) == ("pin", False, False)
    (found,) = find_differences(encode({"a": 1}, "a"), encode({"a": 2}, "a"), clean=lambda name, _: f"no {name}")
    assert found == Difference("a", '"no a"', '"no a"')


def test_nothing_of_values_is_told_where_they_are_not_recorded():
    """Their fields are."""
    (found,) = find_differences(encode({"a": 1}, "a"), encode({"a": 2}, "a"))
    assert found == Difference("a", "(not recorded)", "(not recorded)")


def test_of_many_differences_some_are_told():
    """An object that is another altogether fills no server."""
    assert len(fields(list(range(100)), list(range(1, 101)))) == MOST
