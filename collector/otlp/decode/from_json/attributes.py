"""Attributes and their values, of which most of a request consists, as the protocol has them in JSON and on the wire.

Written by hand for that reason, and because they hold each other; all other messages are read as `strict` finds them in
the protocol's descriptors.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import astuple

from collector.otlp.decode.from_json.values import OddError, as_bytes
from collector.otlp.decode.from_json.wire import BITS, LENGTHS, encode_varint

#: How deep maps and lists may lie in each other here; what is deeper is odd enough to be looked at twice.
_DEEPEST: Final = 16

#: Keys that are remembered as they are written, and how long they may be.
_KEYS: Final = 4096
_LONGEST_KEY: Final = 128

_DOUBLE: Final = struct.Struct("<d")

#: A double that is not there. One that is null, which is how JavaScript writes what is no number, is odd.
_ABSENT: Final[Any] = None


class Value(Struct, rename="camel", gc=False, forbid_unknown_fields=True):
    """An `AnyValue`."""

    string_value: str | None = None
    bool_value: bool | None = None
    int_value: int | str | None = None
    double_value: float | str = _ABSENT
    array_value: "Values | None" = None
    kvlist_value: "Pairs | None" = None
    bytes_value: str | None = None
    string_value_strindex: int | None = None


class Pair(Struct, rename="camel", gc=False, forbid_unknown_fields=True):
    """A `KeyValue`."""

    key: str | None = None
    value: Value | None = None
    key_strindex: int | None = None


class Values(Struct, gc=False, forbid_unknown_fields=True):
    """An `ArrayValue`, in which a null keeps its place."""

    values: list[Value | None] | None = None


class Pairs(Struct, gc=False, forbid_unknown_fields=True):
    """A `KeyValueList`."""

    values: list[Pair] | None = None


class _Keys(dict[str | None, bytes]):
    """Keys as they are written. Senders have few; where there are many, they are remembered anew."""

    def __missing__(self, key: str | None) -> bytes:
        raw = (key or "").encode()
        written = b"\x0a" + LENGTHS[len(raw)] + raw if raw else b""
        if len(raw) <= _LONGEST_KEY:
            if len(self) >= _KEYS:
                self.clear()
            self[key] = written
        return written


class _Openings(dict[int, bytes]):
    """What is written between a key and a text of so many bytes: two tags, and two lengths."""

    def __missing__(self, length: int) -> bytes:
        inner = b"\x0a" + LENGTHS[length]
        return b"\x12" + LENGTHS[len(inner) + length] + inner


class _Integers(dict[int, bytes]):
    """Integers as they are written behind a key, those of up to a thousand from memory."""

    def __missing__(self, number: int) -> bytes:
        if not -(2**63) <= number < 2**63:
            raise OddError(number)
        inner = b"\x18" + encode_varint(number & BITS)
        return b"\x12" + LENGTHS[len(inner)] + inner


_keys: Final = _Keys()
_OPENINGS: Final = _Openings({length: _Openings()[length] for length in range(1024)})
_INTEGERS: Final = _Integers({number: _Integers()[number] for number in range(1024)})


def pair(attribute: Pair, levels: int = _DEEPEST) -> bytes:
    """Returns an attribute as it is written, its length first.

    Args:
        attribute: of anything.
        levels: how many maps and lists may still be opened.

    Raises:
        OddError: when it is not for sure what is meant.
        ValueError: likewise.
    """
    key, value = _keys[attribute.key], attribute.value
    if value is None:
        written = key
    elif (text := value.string_value) is not None and value.int_value is None and _has_no_more(value):
        raw = text.encode()
        written = key + _OPENINGS[len(raw)] + raw
    elif (number := value.int_value) is not None and value.string_value is None and _has_no_more(value):
        written = key + _INTEGERS[int(number)]
    else:
        written = key + b"\x12" + _value(value, levels)
    if attribute.key_strindex:
        written += b"\x18" + _int32(attribute.key_strindex)
    return LENGTHS[len(written)] + written


def value(value: Value) -> bytes:
    """Returns a value as it is written, its length first.

    Raises:
        OddError: when it is not for sure what is meant.
        ValueError: likewise.
    """
    return _value(value, _DEEPEST)


def _has_no_more(value: Value) -> bool:
    """Whether a value has nothing but a text and an integer."""
    return (
        value.bool_value is None
        and value.double_value is _ABSENT
        and value.array_value is None
        and value.kvlist_value is None
        and value.bytes_value is None
        and value.string_value_strindex is None
    )


def _value(value: Value, levels: int) -> bytes:
    said = [(write, part) for write, part in zip(_WRITERS, astuple(value), strict=True) if part is not None]
    if len(said) > 1:
        raise OddError("which of several was the last")
    written = b"".join([write(part, levels - 1) for write, part in said])
    return LENGTHS[len(written)] + written


def _text(text: str, _levels: int) -> bytes:
    raw = text.encode()
    return b"\x0a" + LENGTHS[len(raw)] + raw


def _boolean(is_true: bool, _levels: int) -> bytes:  # noqa: FBT001 a value like others
    return b"\x10\x01" if is_true else b"\x10\x00"


def _integer(number: int | str, _levels: int) -> bytes:
    return _INTEGERS[int(number)][2:]


def _double(number: float | str, _levels: int) -> bytes:
    return b"\x21" + _DOUBLE.pack(float(number))


def _array(array: Values, levels: int) -> bytes:
    if levels < 0:
        raise OddError("nested deeply")
    items: Sequence[Value | None] = array.values or ()
    written = b"\x0a".join([b"", *(b"\x00" if item is None else _value(item, levels) for item in items)])
    return b"\x2a" + LENGTHS[len(written)] + written


def _map(pairs: Pairs, levels: int) -> bytes:
    if levels < 0:
        raise OddError("nested deeply")
    written = b"\x0a".join([b"", *(pair(item, levels) for item in pairs.values or ())])
    return b"\x32" + LENGTHS[len(written)] + written


def _bytes(text: str, _levels: int) -> bytes:
    raw = as_bytes(text)
    return b"\x3a" + LENGTHS[len(raw)] + raw


def _index(number: int, _levels: int) -> bytes:
    return b"\x40" + _int32(number)


def _int32(number: int) -> bytes:
    if not -(2**31) <= number < 2**31:
        raise OddError(number)
    return encode_varint(number & BITS)


#: In the order of the fields.
_WRITERS: Final[tuple[Callable[[Any, int], bytes], ...]] = (
    *(_text, _boolean, _integer, _double, _array, _map, _bytes, _index),
)
