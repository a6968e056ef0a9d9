"""One note for all elements wherever that says the same."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.codec.encode import encode
from tests.runtime.codec.trips import WHAT, read, same, trip


@pytest.mark.parametrize(
    ("value", "types"),
    [
        ([b"x", b"y"], {"each": "bytes"}),
        ([None, b"x"], {"each": "bytes"}),
        ([b"x", 1, b"y", b"z"], {"each": "bytes", "at": {"1": None}}),
        ([b"x", date.min, b"y", b"z"], {"each": "bytes", "at": {"1": "date"}}),
        ([b"x", 1, 2], {"at": {"0": "bytes"}}),
        ({"a": b"x", "b": b"y"}, {"each": "bytes"}),
        ({"a": b"x", "b": 1}, {"at": {"a": "bytes"}}),
        ([{"a": b"x"}, {"b": date.min}], {"each": {"each": "bytes"}, "at": {"1": {"each": "date"}}}),
        ([{"a": b"x", "b": 1}, {"a": None, "b": 2}], {"each": {"at": {"a": "bytes"}}}),
        ([[b"x"], [], [None]], {"each": {"each": "bytes"}}),
        ([[b"x"], [1], [2]], {"at": {"0": {"each": "bytes"}}}),
        ([{"a": b"x"}, 1, "text", []], {"at": {"0": {"each": "bytes"}}}),
        ((), "tuple"),
        ([(), ()], {"each": "tuple"}),
        (
            [b"x"] * 6 + [1, 2, 3, date.min],
            {"each": "bytes", "kinds": [None, "date"], "at": {"6": 0, "7": 0, "8": 0, "9": 1}},
        ),
    ],
    ids=str,
)
def test_notes_are_as_short_as_they_can_be(value: Any, types: Any):
    """And say what they have to."""
    assert encode(value, WHAT).types == types
    assert same(trip(value), value)


def test_many_kinds_are_written_where_they_stand():
    """To look for each among all others would take too long."""
    parts = [b"x", date.min, UUID(int=1), Decimal(1), (), {1}, Path("x")]
    value = [{"a": one, "b": other} for one in parts for other in parts] * 3
    encoded = encode(value, WHAT)
    assert "kinds" not in encoded.types
    assert same(read(encoded), value)


PART = st.sampled_from(
    [None, 1, "x", b"x", (1,), (b"x",), [b"x"], {"a": b"x"}, {"a": 1}, {"a": None, "b": (1,)}, {}, []]
)


@given(st.lists(PART, max_size=12) | st.lists(st.lists(PART, max_size=4), max_size=6))
def test_whatever_is_mixed_is_told_apart(value: Any):
    """Elements that are alike in part, or not at all."""
    assert same(trip(value), value)
    assert same(trip(dict(zip(map(str, range(20)), value, strict=False))), dict(enumerate_text(value)))


def enumerate_text(value: Any) -> Any:
    return ((str(at), part) for at, part in enumerate(value))
