"""The body of a message as a payload, and byte by byte back again."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.rabbitmq.bodies import decode_body, encode_body, read_payload

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b'{"a": 1}', "application/json", {"a": 1}),
        (b'{"a": 1}', "application/vnd.shop+json; charset=utf-8", {"a": 1}),
        (b"[1, 2]", "", [1, 2]),
        (b"12", "text/plain", "12"),
        (b"{no json", "application/json", "{no json"),
        ("grün".encode(), "", "grün"),
        (b"\xff\x00", "application/json", {"data_base64": "/wA="}),
        (b"NaN", "application/json", "NaN"),
        (b"123456789012345678901234567890", "", 123456789012345678901234567890),
        (b"", "", ""),
        (b"[" * 5000, "application/json", "[" * 5000),
    ],
)
def test_a_body_is_json_or_text_or_base64(body: bytes, content_type: str, expected: Any) -> None:
    """Whatever it is, it is something: a message is not lost because it can't be read."""
    assert read_payload(body, content_type) == expected


@given(st.binary())
def test_whatever_bytes_a_body_has_they_are_made_again(body: bytes) -> None:
    """Also those that are no text, or JSON of some other writer."""
    assert decode_body(*_through_json(encode_body(body))) == body


@given(_VALUES, st.booleans(), st.booleans())
def test_json_is_kept_readable_and_made_again_as_it_was_written(value: Any, spaced: bool, ascii_: bool) -> None:
    """As most libraries write it: with or without blanks, with or without escapes."""
    try:
        body = json.dumps(value, ensure_ascii=ascii_, separators=None if spaced else (",", ":")).encode()
    except UnicodeEncodeError:
        return
    found, written = encode_body(body)
    assert decode_body(*_through_json((found, written))) == body
    assert written.startswith("json")


@pytest.mark.parametrize("body", [b'{"a":1, "b":2}', b"1e3", b'{"a":1,"a":2}', b"NaN "])
def test_json_that_would_be_written_another_way_is_kept_as_text(body: bytes) -> None:
    """A signature over it would not hold any more."""
    assert encode_body(body) == (body.decode(), "text")


def _through_json(kept_: tuple[Any, str]) -> tuple[Any, str]:
    found, written = json.loads(json.dumps(kept_))
    return found, written
