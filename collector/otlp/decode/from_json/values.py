"""What a value of JSON means for a field of protobuf."""

import base64
import binascii
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor

#: Fields that hold ids: hexadecimal, where proto3 has base64.
_IDS: Final = frozenset({"trace_id", "span_id", "parent_span_id", "profile_id"})

#: Digits of an integer of 64 bits, less one.
_LONGEST_INTEGER: Final = 19

#: The least and the greatest of each kind of integer.
INTEGERS: Final = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}

Read = Callable[[Any], Any]
"""Makes a field's value of what stands in the JSON; raises ValueError, TypeError or OverflowError where it can't."""


class OddError(ValueError):
    """Raised when JSON is not as the protocol wants it, and may mean something all the same."""


@cache
def reader(field: FieldDescriptor) -> Read:
    """Returns how values of a field are read."""
    if field.name in _IDS:
        return _id
    if field.cpp_type in INTEGERS:
        least, most = INTEGERS[field.cpp_type]
        return lambda value: _integer(value, least, most)
    if field.cpp_type == FieldDescriptor.CPPTYPE_ENUM:
        return lambda value: _number_of(field, value)
    if field.cpp_type in (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT):
        return _double
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return _boolean
    return as_bytes if field.type == FieldDescriptor.TYPE_BYTES else _text


def _id(value: Any) -> bytes:
    """Of a length of its own: the decoder refuses what is no id together with its span."""
    return bytes.fromhex(value)


def _integer(value: Any, least: int, most: int) -> int:
    number = _whole(value) if isinstance(value, str) else value
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if type(number) is not int or not least <= number <= most:
        raise ValueError(value)
    return number


def _whole(text: str) -> int:
    """An integer in quotes, which may have an exponent as those without quotes do (ProtoJSON)."""
    with suppress(ValueError):
        return int(text)
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not number.is_finite() or number.adjusted() > _LONGEST_INTEGER or number % 1:
        raise ValueError(text)
    return int(number)


def _number_of(field: FieldDescriptor, value: Any) -> int:
    if isinstance(value, str) and (number := _numbers(field).get(value)) is not None:
        return number
    return _integer(value, *INTEGERS[FieldDescriptor.CPPTYPE_INT32])


@cache
def _numbers(field: FieldDescriptor) -> dict[str, int]:
    """Returns the numbers of an enumeration by name: protobuf's own table, once it was asked for half a character, has
    whatever comes next fail with an error of the interpreter."""
    return {each.name: each.number for each in field.enum_type.values} if field.enum_type else {}


def _double(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError(value)
    return float(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def as_bytes(value: Any) -> bytes:
    """Base64 in either alphabet, padded or not."""
    if not isinstance(value, str):
        raise TypeError(value)
    plain = value.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(value) from error
