"""JSON that is written as the protocol wants it: read by a parser that knows each message, and written as protobuf.

What is not (a null or a name that can't be, a number where a text should stand, half a character, two values of which
one counts) is not judged here. Shapes and writers are made of the protocol's descriptors.
"""

import struct
import threading
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from msgspec.structs import astuple
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from collector.otlp.decode.from_json import attributes
from collector.otlp.decode.from_json.values import INTEGERS, OddError, reader
from collector.otlp.decode.from_json.wire import BITS, LENGTHS, encode_tag, find_fixed_packer

Write = Callable[[Any], bytes]
"""Returns a field, a message or a value as it is written; raises ValueError or struct.error where it is odd."""


class _Shape(NamedTuple):
    """How a message is read, and how it is written, its length first."""

    kind: Any
    write: Write


class _Field(NamedTuple):
    """How a field is read, and how it is written, its tag first; nothing where it need not be."""

    kind: Any
    write: Write


def to_protobuf(body: bytes, kind: type[Message]) -> bytes | None:
    """Translates a request.

    Args:
        body: the JSON text, decompressed.
        kind: the message that it is.

    Returns:
        The message as protobuf has it; nothing where the text is odd, or no JSON.
    """
    message: Any = kind.DESCRIPTOR
    decoder, write = _translator(message)
    try:
        return write(decoder.decode(body))
    except (msgspec.DecodeError, ValueError, OverflowError, struct.error, RecursionError):
        return None


#: Held while shapes are made: two threads that make those of one message at once have msgspec read what is half made,
#: which ends the process (SIGSEGV), as when several senders come with JSON right after a start.
_MAKING: Final = threading.Lock()


def _translator(message: Descriptor) -> tuple["msgspec.json.Decoder[Any]", Write]:
    with _MAKING:
        return _make_translator(message)


@cache
def _make_translator(message: Descriptor) -> tuple["msgspec.json.Decoder[Any]", Write]:
    fields = _fields(message)
    return msgspec.json.Decoder(_struct(message, fields)), _writer(message, fields)


@cache
def _shape(message: Descriptor) -> _Shape:
    if message is KeyValue.DESCRIPTOR:
        return _Shape(attributes.Pair, attributes.pair)
    if message is AnyValue.DESCRIPTOR:
        return _Shape(attributes.Value, attributes.value)
    fields = _fields(message)
    content = _writer(message, fields)

    def write(value: Any) -> bytes:
        written = content(value)
        return LENGTHS[len(written)] + written

    return _Shape(_struct(message, fields), write)


def _fields(message: Descriptor) -> dict[str, _Field]:
    """Returns the fields by name, in the order in which they are written."""
    return {field.name: _field(field) for field in sorted(message.fields, key=lambda field: field.number)}


def _struct(message: Descriptor, fields: dict[str, _Field]) -> type[msgspec.Struct]:
    return msgspec.defstruct(
        message.name,
        [(name, field.kind, None) for name, field in fields.items()],
        rename={field.name: field.json_name for field in message.fields},
        gc=False,  # nothing in it refers to what holds it
        forbid_unknown_fields=True,  # what is passed over would not be looked at
    )


def _writer(message: Descriptor, fields: dict[str, _Field]) -> Write:
    writers = tuple(field.write for field in fields.values())

    def write(value: Any) -> bytes:
        parts = zip(writers, astuple(value), strict=True)
        return b"".join([write(part) for write, part in parts if part is not None])

    choices = [[field.name for field in oneof.fields] for oneof in message.oneofs if len(oneof.fields) > 1]
    return _oneof_writer(choices, write) if choices else write


def _oneof_writer(choices: list[list[str]], write: Write) -> Write:
    def write_checked(value: Any) -> bytes:
        for names in choices:
            if sum(getattr(value, name) is not None for name in names) > 1:
                raise OddError("which of several was the last")
        return write(value)

    return write_checked


def _field(field: FieldDescriptor) -> _Field:
    ahead = encode_tag(field)
    if field.message_type is not None:
        kind, message = _shape(field.message_type)
        if field.is_repeated:
            return _Field(_list_of(kind), lambda values: ahead.join([b"", *map(message, values)]))
        return _Field(kind | None, lambda value: ahead + message(value))
    kind, write = _scalar(field)
    if not field.is_repeated:
        # JavaScript writes a double that is no number as null: that is odd.
        found = kind if field.cpp_type == FieldDescriptor.CPPTYPE_DOUBLE else kind | None
        return _Field(
            found,
            _tagged_writer(ahead, write) if field.has_presence else _nonzero_writer(ahead, write, _zero_bytes(field)),
        )
    if field.is_packed:
        return _Field(_list_of(kind), _packed_writer(ahead, write))
    return _Field(_list_of(kind), lambda values: ahead.join([b"", *map(write, values)]))


def _list_of(kind: Any) -> Any:
    return list.__class_getitem__(kind) | None


def _tagged_writer(ahead: bytes, write: Write) -> Write:
    return lambda value: ahead + write(value)


def _nonzero_writer(ahead: bytes, write: Write, nothing: bytes) -> Write:
    def write_nonzero(value: Any) -> bytes:
        found = write(value)
        return b"" if found == nothing else ahead + found

    return write_nonzero


def _zero_bytes(field: FieldDescriptor) -> bytes:
    """Returns how zero, or what is empty, would be written."""
    packer = find_fixed_packer(field)
    return bytes(packer.size) if packer else b"\x00"


def _packed_writer(ahead: bytes, write: Write) -> Write:
    def write_packed(values: Iterable[Any]) -> bytes:
        found = b"".join(map(write, values))
        return ahead + LENGTHS[len(found)] + found if found else b""

    return write_packed


def _scalar(field: FieldDescriptor) -> tuple[Any, Write]:
    """Returns how one value is read, and how it is written."""
    if field.type == FieldDescriptor.TYPE_STRING:
        return str, _encode_text
    read = reader(field)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return str, lambda value: _add_length(read(value))
    if field.type == FieldDescriptor.TYPE_BOOL:
        return bool, lambda value: b"\x01" if value else b"\x00"
    if (packer := find_fixed_packer(field)) is not None:
        pack = packer.pack
        if field.cpp_type in INTEGERS:
            return int | str, lambda value: pack(int(value))
        return float | str, lambda value: pack(float(value))
    if field.type in (FieldDescriptor.TYPE_SINT32, FieldDescriptor.TYPE_SINT64):
        return int | str, lambda value: LENGTHS[_zigzag(read(value))]
    return int | str, lambda value: LENGTHS[read(value) & BITS]


def _encode_text(text: str) -> bytes:
    raw = text.encode()
    return LENGTHS[len(raw)] + raw


def _add_length(raw: bytes) -> bytes:
    return LENGTHS[len(raw)] + raw


def _zigzag(number: int) -> int:
    return number << 1 if number >= 0 else (-number << 1) - 1
