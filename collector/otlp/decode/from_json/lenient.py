"""JSON as SDKs really write it: 64-bit integers as numbers, names of enumerations, null where nothing is meant or where
JavaScript had NaN, null in lists. A value that fits nowhere is left out and counted; never what stands beside it.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from collector.errors import UndecodableError
from collector.otlp.decode.from_json.limits import TEXTS
from collector.otlp.decode.from_json.values import reader

#: How deep maps and lists may be nested, as in protobuf's own decoders.
_DEEPEST: Final = 100

#: What opens and closes objects and lists, and texts, in which nothing does.
_MARKS: Final = re.compile(TEXTS.pattern + rb"|[{}\[\]]", re.DOTALL)
_OPENING: Final = (b"{", b"[")
_CLOSING: Final = (b"}", b"]")

#: How many objects and lists deep a text is read; a map in a map of OTLP is four. Python's own reader gives up at some
#: hundreds more, depending on who calls it.
_DEEPEST_MARK: Final = 500


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
        data = _load_json(body)
    except (ValueError, RecursionError) as error:
        raise UndecodableError(f"the body is not valid JSON: {error}") from None
    if not isinstance(data, dict):
        raise UndecodableError(f"the body is a JSON {type(data).__name__}, and no {kind.DESCRIPTOR.name} object")
    message = kind()
    filler = _Filler()
    filler.fill(message, data, 0)
    return message.SerializeToString(), filler.left_out


def _load_json(body: bytes) -> Any:
    try:
        return _parse_json(body)
    except RecursionError:
        return _parse_json(_cut_deep_values(body))


def _parse_json(body: bytes) -> Any:
    return json.loads(body.decode("utf-8", "replace"), strict=False)


def _cut_deep_values(body: bytes) -> bytes:
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
            if field.cpp_type == FieldDescriptor.CPPTYPE_DOUBLE and not field.is_repeated:
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
                setattr(message, field.name, reader(field)(value))
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
                    target.append(reader(field)(value))
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
