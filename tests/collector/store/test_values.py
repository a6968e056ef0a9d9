"""What JSON lacks is written as OTLP's own JSON writes it."""

import math

import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from collector.otlp.decode.spans import decode
from collector.store import attribute_encoding
from collector.store.values import decode_attributes
from tests.collector.story import Story, Value, place


def stored(value: Value | None) -> object:
    """A value after it was on the wire."""
    story = Story()
    span = story.add("s", place("t", "s"), attributes={} if value is None else {"a": value})
    if value is None:
        span.attributes.add(key="a")
    return decode_attributes(
        attribute_encoding.encode_tables(decode(story.request()).tables)["spans"]["attributes"][0].as_py()
    )["a"]


@pytest.mark.parametrize(("number", "text"), [(math.inf, "Infinity"), (-math.inf, "-Infinity"), (math.nan, "NaN")])
def test_numbers_that_json_lacks_are_text(number: float, text: str) -> None:
    """An answer that no client can parse would hide the whole trace."""
    assert stored(number) == text


def test_a_value_that_is_empty_is_none() -> None:
    """OTLP allows a key without a value."""
    assert stored(None) is None


def test_bytes_are_base64() -> None:
    """At the top, in a list, and in a map."""
    story = Story()
    span = story.add("s", place("t", "s"))
    span.attributes.add(key="top").value.bytes_value = b"\xff\x00"
    span.attributes.add(key="list").value.array_value.values.add().bytes_value = b"\xff\x00"
    span.attributes.add(key="map").value.kvlist_value.values.add(key="k").value.bytes_value = b"\xff\x00"

    attributes = decode_attributes(
        attribute_encoding.encode_tables(decode(story.request()).tables)["spans"]["attributes"][0].as_py()
    )

    assert attributes == {"top": "/wA=", "list": ["/wA="], "map": {"k": "/wA="}}


def test_a_map_that_is_broken_or_nested_without_end_hides_nothing_else() -> None:
    """Its bytes are shown instead; the parser gives up at a depth of a hundred."""
    deep = b""
    for _ in range(60):  # lists within lists, wrapped by hand: field 1 (values) of an array, field 5 of a value
        for field in (0x2A, 0x0A):
            deep = bytes([field]) + _varint(len(deep)) + deep
    deep = b"\x0a" + _varint(len(deep) + 2) + b"\x12" + _varint(len(deep)) + deep
    attributes = [_map("deep", deep), _map("broken", b"\xff\xff")]

    assert decode_attributes(attributes)["broken"] == "//8="
    assert isinstance(decode_attributes(attributes)["deep"], str)


@pytest.mark.parametrize(("depth", "shown"), [(33, True), (34, False)])
def test_maps_are_read_to_the_depth_that_is_told(depth: int, shown: bool) -> None:
    """And shown as their bytes beyond it."""
    whole = value = AnyValue()
    expected: object = "leaf"
    for _ in range(depth):
        value, expected = value.kvlist_value.values.add(key="k").value, {"k": expected}
    value.string_value = "leaf"

    found = decode_attributes([_map("a", whole.kvlist_value.SerializeToString())])["a"]

    assert found == expected if shown else isinstance(found, str)


def _map(key: str, wire: bytes) -> dict[str, object]:
    """A map attribute as it is stored."""
    return {"key": key, "text": attribute_encoding.escape_blob(wire), "kind": attribute_encoding.MAP}


def _varint(number: int) -> bytes:
    """A length as protobuf writes it."""
    return bytes([number]) if number < 128 else bytes([number % 128 + 128]) + _varint(number // 128)


def test_of_a_key_that_is_there_twice_the_first_counts() -> None:
    """OTLP forbids it, clients do it."""
    story = Story()
    span = story.add("s", place("t", "s"), attributes={"a": 1})
    span.attributes.add(key="a").value.int_value = 2
    assert decode_attributes(
        attribute_encoding.encode_tables(decode(story.request()).tables)["spans"]["attributes"][0].as_py()
    ) == {"a": 1}
