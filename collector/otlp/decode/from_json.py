"""OTLP's JSON encoding as protobuf bytes, so that there is one decoder behind it.

It is the JSON of proto3 with three exceptions: ids are hexadecimal, enumerations are numbers, keys are lowerCamelCase
alone (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). What SDKs really write is taken as well:
64-bit integers as numbers, names of enumerations, null where nothing is meant or where JavaScript had NaN, null in
lists. A value that fits nowhere is left out and counted; never what stands beside it.
"""

import base64
import binascii
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from collector.errors import UndecodableError
from collector.otlp.decode.items import VALUE_BYTES, refuse_more

#: Fields that hold ids: hexadecimal, where proto3 has base64.
_IDS: Final = frozenset({"trace_id", "span_id", "parent_span_id", "profile_id"})

#: How deep maps and lists may be nested, as in protobuf's own decoders.
_DEEPEST: Final = 100

#: Digits of an integer of 64 bits, less one.
_LONGEST_INTEGER: Final = 19

#: A text; one that does not end goes on to the end, or each quote in it would be tried as the begin of another.
_TEXTS: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)

#: What opens and closes objects and lists, and texts, in which nothing does.
_MARKS: Final = re.compile(_TEXTS.pattern + rb"|[{}\[\]]", re.DOTALL)
_OPENING: Final = (b"{", b"[")
_CLOSING: Final = (b"}", b"]")

#: How many objects and lists deep a text is read; a map in a map of OTLP is four. Python's own reader gives up at some
#: hundreds more, depending on who calls it.
_DEEPEST_MARK: Final = 500

_INTEGERS: Final = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}

Read = Callable[[Any], Any]
"""Makes a field's value of what stands in the JSON; raises ValueError, TypeError or OverflowError where it can't."""


def count(body: bytes, limit: int) -> int:
    """Counts the values of a JSON text, without reading it.

    Args:
        body: the text, decompressed.
        limit: most to accept.

    Returns:
        At least as many as there are: what looks like the begin of a value inside of texts counts, unless it would
        matter.

    Raises:
        TooLargeError: when there are more.
    """
    found = _begins(body)
    if found > limit:
        found = _begins(_TEXTS.sub(b"", body))
        refuse_more(found, limit)
    return found


def weight(body: bytes, values: int) -> int:
    """Returns how many bytes of memory reading a text with so many values takes, beside its own."""
    # It becomes a Python text, and so does each text in it; one character beyond Latin 1 makes all take more room.
    return len(body) * (2 if body.isascii() else 6) + values * VALUE_BYTES


def _begins(body: bytes) -> int:
    return 1 + body.count(b"{") + body.count(b"[") + body.count(b",")


def to_protobuf(body: bytes, kind: type[Message]) -> tuple[bytes, Mapping[str, int]]:
    """Translates a request.

    Args:
        body: the JSON text, decompressed.
        kind: the message that it is.

    Returns:
        The message as protobuf has it, and the values that were left out, counted by reason.

    Raises:
        UndecodableError: when the text is no JSON object.
    """
    try:
        data = _loaded(body)
    except (ValueError, RecursionError) as error:
        raise UndecodableError(f"the body is no JSON: {error}") from None
    if not isinstance(data, dict):
        raise UndecodableError(f"the body is a JSON {type(data).__name__}, and no {kind.DESCRIPTOR.name} object")
    message = kind()
    filler = _Filler()
    filler.fill(message, data, 0)
    return message.SerializeToString(), filler.left_out


def _loaded(body: bytes) -> Any:
    try:
        return _read(body)
    except RecursionError:
        return _read(_flattened(body))


def _read(body: bytes) -> Any:
    return json.loads(body.decode("utf-8", "replace"), strict=False)


def _flattened(body: bytes) -> bytes:
    """Returns a text with null for what is nested deeper than is read: one absurd value costs itself alone."""
    kept: list[bytes] = []
    depth = done = 0
    for found in _MARKS.finditer(body):
        mark = found[0]
        if mark in _OPENING:
            depth += 1
            if depth == _DEEPEST_MARK:
                kept += [body[done : found.start()], b"null"]
        elif mark in _CLOSING:
            if depth == _DEEPEST_MARK:
                done = found.end()
            depth -= 1
    return b"".join(kept) + (body[done:] if depth < _DEEPEST_MARK else b"")


class _Filler:
    """Fills messages with what JSON objects say, and counts what did not fit."""

    def __init__(self) -> None:
        self.left_out: Counter[str] = Counter()

    def fill(self, message: Message, data: Mapping[str, Any], depth: int) -> None:
        """Sets the fields that are named; unknown ones are passed over, as the protocol wants it."""
        fields = _fields(message.DESCRIPTOR)
        for key, value in data.items():
            field = fields.get(key)
            if field is not None:
                self._set(message, field, value, depth)

    def _set(self, message: Message, field: FieldDescriptor, value: Any, depth: int) -> None:
        if value is None:
            if field.cpp_type == FieldDescriptor.CPPTYPE_DOUBLE:
                setattr(message, field.name, math.nan)  # JavaScript writes NaN and the infinities as null
        elif not field.is_repeated:
            self._set_one(message, field, value, depth)
        elif isinstance(value, list):
            self._extend(getattr(message, field.name), field, value, depth)
        else:
            self._leave_out(field, value)

    def _set_one(self, message: Message, field: FieldDescriptor, value: Any, depth: int) -> None:
        if field.message_type is None:
            try:
                setattr(message, field.name, _reader(field)(value))
            except (ValueError, TypeError, OverflowError):
                self._leave_out(field, value)
        elif isinstance(value, dict) and depth < _DEEPEST:
            nested = getattr(message, field.name)
            nested.SetInParent()
            self.fill(nested, value, depth + 1)
        else:
            self._leave_out(field, value)

    def _extend(self, target: Any, field: FieldDescriptor, values: list[Any], depth: int) -> None:
        for value in values:
            if value is None:
                if field.message_type is AnyValue.DESCRIPTOR:
                    target.add()  # an item without a value, which keeps the others at their places
            elif field.message_type is None:
                try:
                    target.append(_reader(field)(value))
                except (ValueError, TypeError, OverflowError):
                    self._leave_out(field, value)
            elif isinstance(value, dict) and depth < _DEEPEST:
                self.fill(target.add(), value, depth + 1)
            else:
                self._leave_out(field, value)

    def _leave_out(self, field: FieldDescriptor, value: Any) -> None:
        owner = field.containing_type.name if field.containing_type else ""
        self.left_out[f"{owner}.{field.json_name} can't be a JSON {type(value).__name__}"] += 1


@cache
def _fields(message: Descriptor) -> Mapping[str, FieldDescriptor]:
    return {field.json_name: field for field in message.fields}


@cache
def _reader(field: FieldDescriptor) -> Read:
    if field.name in _IDS:
        return _id
    if field.cpp_type in _INTEGERS:
        least, most = _INTEGERS[field.cpp_type]
        return lambda value: _integer(value, least, most)
    if field.cpp_type == FieldDescriptor.CPPTYPE_ENUM:
        return lambda value: _number_of(field, value)
    if field.cpp_type in (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT):
        return _double
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return _boolean
    return _bytes if field.type == FieldDescriptor.TYPE_BYTES else _text


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
    names = field.enum_type.values_by_name if field.enum_type else {}
    if isinstance(value, str) and value in names:
        return names[value].number
    return _integer(value, *_INTEGERS[FieldDescriptor.CPPTYPE_INT32])


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


def _bytes(value: Any) -> bytes:
    """Base64 in either alphabet, padded or not."""
    if not isinstance(value, str):
        raise TypeError(value)
    plain = value.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(value) from error
