"""One text of data and types, which nobody's own data can be taken for."""

import json
from typing import Any

import pytest

from runtime.codec.encode import encode
from runtime.codec.encoded import RESERVED, Encoded
from runtime.errors import UndecodableError
from tests.runtime.codec.trips import WHAT, same, trip


def test_data_without_types_is_its_own_text():
    """Stores hold what they always held."""
    assert encode({"a": [1, None, "ä"]}, WHAT).text == '{"a":[1,null,"ä"]}'


def test_types_stand_beside_the_data():
    """In an object with a reserved member, whose value is the format's version."""
    assert json.loads(encode(b"x", WHAT).text) == {"$causeline": 1, "data": "eA==", "types": "bytes"}


@pytest.mark.parametrize(
    "encoded", [Encoded({"a": 1}), Encoded([], {"as": "tuple"}), Encoded(None), Encoded("x", "bytes")]
)
def test_parsing_is_the_inverse(encoded: Encoded):
    """However often."""
    parsed = Encoded.parse(encoded.text)
    assert parsed == encoded == Encoded.parse(parsed.text)
    assert (parsed.data, parsed.types, parsed.text) == (encoded.data, encoded.types, encoded.text)
    assert parsed not in (Encoded("other"), 7)


def test_a_text_may_be_written_in_another_way():
    """As a store of documents does, which orders members and sets spaces."""
    assert Encoded.parse('{"data": "eA==",\n "types": "bytes", "$causeline": 1}') == Encoded("eA==", "bytes")
    assert Encoded.parse('{"data": 1, "types": null, "$causeline": 1}') == Encoded(1)


@pytest.mark.parametrize(
    "value",
    [
        {RESERVED: 1},
        {RESERVED: 1, "data": 2, "types": "bytes"},
        {RESERVED: 1, "data": {RESERVED: 1, "data": 1, "types": None}, "types": None},
        {RESERVED: b"x"},
        [{RESERVED: 1, "data": 2, "types": "bytes"}],
        {"a": f'"{RESERVED}"'},
        f'"{RESERVED}"',
        RESERVED,
        {"data": 1, "types": "bytes"},
    ],
    ids=str,
)
def test_a_users_own_reserved_member_survives(value: Any):
    """As deep as it may lie."""
    assert same(trip(value), value)
    assert same(trip(value, type(value)), value)


def test_an_object_that_is_no_wrapper_is_data():
    """Nobody of ours wrote it."""
    for text in ('{"$causeline":1}', '{"$causeline":1,"data":1}', '{"$causeline":1,"data":1,"types":null,"x":1}'):
        assert Encoded.parse(text) == Encoded(json.loads(text))


@pytest.mark.parametrize("version", ["2", '"x"', "null", "[]"])
def test_a_text_of_a_newer_version_is_refused(version: str):
    """It is not guessed at."""
    with pytest.raises(UndecodableError, match="newer version"):
        Encoded.parse(f'{{"$causeline":{version},"data":1,"types":null}}').data  # noqa: B018 reading it is what raises


def test_a_text_is_pure_json_whatever_json_a_foreign_one_was():
    """Some write NaN."""
    assert Encoded({"a": [float("nan"), float("-inf")]}).text == '{"a":["NaN","-Infinity"]}'


def test_what_it_holds_is_not_shown():
    """It may be a secret."""
    assert "hunter2" not in repr(encode({"a": "hunter2"}, WHAT))


def test_it_can_not_be_hashed():
    """Its data can't be."""
    with pytest.raises(TypeError):
        hash(Encoded(1))
