"""Requests of telemetry that are nearly right."""

import json
from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from collector.otlp.signals import Signal
from tests.collector import ways
from tests.collector.fuzz import json_text
from tests.collector.fuzz.chance import Chance
from tests.collector.otlp.wire import ENDLESS, GROUP

_DEEP: Final = 12

#: Bytes that mean something on the wire.
_TROUBLE: Final = (ENDLESS, GROUP, b"\xff" * 9, b"\x80" * 12, b"\x0a\x00" * 50, b"\x0b\x0c")


def message(chance: Chance, signal: Signal) -> Message:
    """A request in which everything may be anything that its type allows."""
    made = signal.request()
    _fill(chance, made, 0)
    return made


def spoilt(chance: Chance, body: bytes) -> bytes:
    """Bytes of which some were changed, moved, cut or put in."""
    spoilt = bytearray(body)
    for _ in range(1 + chance.below(3)):
        place = chance.below(len(spoilt) + 1)
        match chance.below(5):
            case 0:
                spoilt[place : place + 1] = bytes([chance.below(256)])
            case 1:
                del spoilt[place : place + 1 + chance.below(20)]
            case 2:
                spoilt[place:place] = chance.some_bytes()
            case 3:
                spoilt[place:place] = chance.one(_TROUBLE)
            case _:
                spoilt[place:place] = spoilt[chance.below(len(spoilt) + 1) :][:30]
    return bytes(spoilt)


def as_json(chance: Chance, request: Message) -> bytes:
    """A request in JSON, of which some values are of another type than they should be."""
    data = json.loads(ways.as_json(request)) if chance.below(4) else json_format.MessageToDict(request)
    for _ in range(chance.below(3)):
        _spoil(chance, data)
    return json_text.written(chance, data)


def _fill(chance: Chance, target: Message, depth: int) -> None:
    for field in target.DESCRIPTOR.fields:
        if depth > _DEEP or chance.below(3) == 0:
            continue
        for _ in range(1 + chance.below(2) if field.is_repeated else 1):
            if field.message_type is not None:
                part = getattr(target, field.name)
                _fill(chance, part.add() if field.is_repeated else part, depth + 1)
            elif field.is_repeated:
                getattr(target, field.name).append(_value(chance, field))
            else:
                setattr(target, field.name, _value(chance, field))


def _value(chance: Chance, field: FieldDescriptor) -> Any:
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_STRING:
            if field.type == FieldDescriptor.TYPE_BYTES:
                sound = {"trace_id": 16, "span_id": 8, "parent_span_id": 8}.get(field.name)
                return bytes([chance.below(4)] * sound) if sound and chance.below(5) else chance.some_bytes()
            return chance.text()
        case FieldDescriptor.CPPTYPE_DOUBLE | FieldDescriptor.CPPTYPE_FLOAT:
            return chance.one((0.0, -0.0, 1.5, float("inf"), float("-inf"), float("nan"), 1e308, 5e-324))
        case FieldDescriptor.CPPTYPE_BOOL:
            return bool(chance.below(2))
        case FieldDescriptor.CPPTYPE_ENUM:
            return chance.below(8)
        case FieldDescriptor.CPPTYPE_INT64:
            return _within(chance.number(), -(2**63), 2**63 - 1)
        case FieldDescriptor.CPPTYPE_UINT64:
            return _within(chance.number(), 0, 2**64 - 1)
        case FieldDescriptor.CPPTYPE_UINT32:
            return _within(chance.number(), 0, 2**32 - 1)
        case _:
            return _within(chance.number(), -(2**31), 2**31 - 1)


def _within(number: int, least: int, most: int) -> int:
    return max(least, min(number, most))


def _spoil(chance: Chance, data: Any) -> None:
    """Puts something else at a place somewhere inside."""
    while isinstance(data, dict | list) and data:
        key: Any = chance.one(sorted(data)) if isinstance(data, dict) else chance.below(len(data))
        if not isinstance(data[key], dict | list) or chance.below(4) == 0:
            data[key] = json_text.something(chance)
            return
        data = data[key]
