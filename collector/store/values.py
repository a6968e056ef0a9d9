"""Stored attributes as plain Python values, ready for JSON; integers stay integers, lists stay lists. Pure."""

import base64
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValueList

_SCALARS: Final = ("string_value", "bool_value", "int_value")


def plain(attributes: Iterable[Mapping[str, Any]] | None) -> dict[str, Any]:
    """Returns an attribute list as a dictionary; of a key that is there twice the first counts.

    Bytes become base64 text, and numbers that JSON lacks become "NaN", "Infinity" or "-Infinity", as OTLP's own JSON
    has it. What is nested deeper than 33 maps or 51 lists becomes base64 text too, whole: protobuf reads a hundred
    messages deep, here as at every other receiver.
    """
    answer: dict[str, Any] = {}
    for attribute in attributes or ():
        answer.setdefault(attribute["key"], _value(attribute["value"]))
    return answer


def _value(value: Mapping[str, Any] | None) -> Any:
    if value is None:
        return None
    for name in _SCALARS:
        if value[name] is not None:
            return value[name]
    if value["double_value"] is not None:
        return _number(value["double_value"])
    if value["bytes_value"] is not None:
        return _text(value["bytes_value"])
    if value["array_value"] is not None:
        return _array(value["array_value"])
    if value["kvlist_value"] is not None:
        return _opened(value["kvlist_value"], lambda wire: _wire_map(KeyValueList.FromString(wire)))
    return None


def _array(value: Mapping[str, Any] | bytes) -> Any:
    if isinstance(value, bytes):  # a list in a list, kept as it was on the wire
        return _opened(value, lambda wire: [_wire_value(item) for item in ArrayValue.FromString(wire).values])
    return [_value(item) for item in value["values"]]


def _opened(wire: bytes, read: Callable[[bytes], Any]) -> Any:
    """Reads what was kept as it was on the wire. Nobody read it before, so it may be broken or nested without end."""
    try:
        return read(wire)
    except DecodeError:
        return _text(wire)


def _wire_map(value: KeyValueList) -> dict[str, Any]:
    return {item.key: _wire_value(item.value) for item in value.values}


def _wire_value(value: AnyValue) -> Any:
    match value.WhichOneof("value"):
        case "array_value":
            return [_wire_value(item) for item in value.array_value.values]
        case "kvlist_value":
            return _wire_map(value.kvlist_value)
        case "double_value":
            return _number(value.double_value)
        case "bytes_value":
            return _text(value.bytes_value)
        case None:
            return None
        case name:
            return getattr(value, name)


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
