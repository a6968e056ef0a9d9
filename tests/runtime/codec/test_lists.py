"""Lists are taken apart into their elements and put together again, and each stays what it was."""

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from runtime.codec.codec import Codec
from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.codec.lists import join_list, split_elements
from runtime.errors import UndecodableError


@dataclass
class Parcel:
    number: int
    marks: tuple[int, ...] = ()


MIXED = [1, "text", None, (1, 2), {3}, b"raw", datetime(2026, 1, 2, tzinfo=UTC), Parcel(7, (1, 2)), [None, (1,)]]


@pytest.mark.parametrize("made", [MIXED, [], [Parcel(1), Parcel(2, (3,))], [(1, 2), None, (3,)], ["a", "b"]])
def test_elements_are_what_they_were(made: list[Any]):
    """Of whatever kind, alone and together."""
    apart = split_elements(encode(made, "a list"))
    assert apart is not None
    assert [one.text for one in apart] == [encode(one, "one").text for one in made]
    together = join_list([one.text for one in apart])
    kind = list[Parcel] if made and all(isinstance(one, Parcel) for one in made) else Any
    assert Codec(kind, "all").decode(together) == Codec(kind, "all").decode(encode(made, "a list"))


@pytest.mark.parametrize("made", [(1, 2), {1, 2}, frozenset((1, 2)), deque((1, 2))])
def test_other_collections_have_elements_too(made: Any):
    """In their order."""
    apart = split_elements(encode(made, "a collection"))
    assert apart is not None
    assert [one.data for one in apart] == [1, 2]


@pytest.mark.parametrize("made", [{"a": 1}, "text", 7, None, {(1, 2): 3}, Parcel(1)])
def test_what_is_no_list_has_none(made: Any):
    """Nor has a dict that is written as a list of pairs."""
    assert split_elements(encode(made, "something")) is None


def test_a_list_written_by_others_has_elements():
    """Natural JSON, without types."""
    apart = split_elements(Encoded.parse('[1, {"a": [2]}]'))
    assert apart is not None
    assert [one.data for one in apart] == [1, {"a": [2]}]


def test_what_cannot_be_gathered_is_named():
    """By its place."""
    with pytest.raises(UndecodableError, match=r"\[1\]: what is stored is not valid JSON"):
        join_list(["1", "{"])
