"""Stored attributes as plain Python values, ready for JSON; integers stay integers, lists stay lists. Pure."""

import base64
import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValueList

from collector.store import attribute_encoding


def decode_attributes(attributes: Iterable[Mapping[str, Any]] | None) -> dict[str, Any]:
    """Returns an attribute list as a dictionary; of a key that is there twice the first counts.

    Bytes become base64 text, and numbers that JSON lacks become "NaN", "Infinity" or "-Infinity", as OTLP's own JSON
    has it. What is nested deeper than 33 maps or 51 lists becomes base64 text too, whole: protobuf reads a hundred
    messages deep, here as at every other receiver.
    """
    answer: dict[str, Any] = {}
    for attribute in attributes or ():
        answer.setdefault(attribute["key"], decode_stored_value(attribute))
    return answer


def decode_stored_value(told: Mapping[str, Any] | None) -> Any:
    """Returns one value; None where there is none.

    Args:
        told: its `text` and its `kind`, as `attribute_encoding` writes them.
    """
    return None if told is None else _decode_text(told["kind"], told["text"])


def _decode_text(kind: int, text: str) -> Any:
    match kind:
        case attribute_encoding.STRING | attribute_encoding.BYTES:
            return text
        case attribute_encoding.BOOL:
            return text == "true"
        case attribute_encoding.INT:
            return int(text)
        case attribute_encoding.DOUBLE:
            return _json_number(float(text))
        case attribute_encoding.LIST:
            return [_decode_item(item) for item in json.loads(text)]
        case attribute_encoding.MAP:
            return _decode_wire(
                attribute_encoding.unescape_blob(text), lambda wire: _decode_map(KeyValueList.FromString(wire))
            )
    return None


def _decode_item(item: Any) -> Any:
    """Returns an item of a list: of an object, the one that its kind and text say."""
    if isinstance(item, float):
        return _json_number(item)
    if not isinstance(item, dict):
        return item
    ((kind, text),) = item.items()
    if int(kind) != attribute_encoding.LIST:
        return _decode_text(int(kind), text)
    return _decode_wire(
        attribute_encoding.unescape_blob(text),
        lambda wire: [_decode_any_value(each) for each in ArrayValue.FromString(wire).values],
    )


def _decode_wire(wire: bytes, read: Callable[[bytes], Any]) -> Any:
    """Reads what was kept as it was on the wire. Nobody read it before, so it may be broken or nested without end."""
    try:
        return read(wire)
    except DecodeError:
        return _encode_base64(wire)


def _decode_map(value: KeyValueList) -> dict[str, Any]:
    return {item.key: _decode_any_value(item.value) for item in value.values}


def _decode_any_value(value: AnyValue) -> Any:
    match value.WhichOneof("value"):
        case "array_value":
            return [_decode_any_value(item) for item in value.array_value.values]
        case "kvlist_value":
            return _decode_map(value.kvlist_value)
        case "double_value":
            return _json_number(value.double_value)
        case "bytes_value":
            return _encode_base64(value.bytes_value)
        case None:
            return None
        case name:
            return getattr(value, name)


def _json_number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _encode_base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
