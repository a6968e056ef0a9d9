"""How many messages a request is made of, counted before it is decoded, and whether decoding it is safe.

A message takes two bytes on the wire and up to two hundred in memory: 50 KB of gzip became 4 GB. The fast decoder also
follows groups, which OTLP has none of, as deep as they are nested, until its stack is full, and panics where a length
is nearly 2^64. So the wire is walked first, level by level: all messages of one field, one behind the other, are again
a message, whose fields are repeated. Protobuf's own parser reads that as unknown fields, for which it needs no more
memory than they have bytes, and then the fast one takes it apart. What ends in the middle of a field can hide from this
only what stands behind it, which the fast decoder never gets to.
"""

from functools import cache
from typing import Any, Final

import pyarrow as pa
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import DecodeError
from ptars import HandlerPool

from collector.errors import UndecodableError
from collector.otlp.decode.descriptor import request_descriptor
from collector.otlp.decode.items import refuse_more
from collector.otlp.signals import Signal

#: Bytes of a request up to which it isn't walked: none has more messages than half of that, and no group in it is
#: nested deep enough to do harm.
_HARMLESS: Final = 2048

#: The least that a message takes on the wire: its tag and its length.
_SMALLEST: Final = 2

#: What lengths hold that are nearly 2^64, as negative numbers do.
_NEARLY_ENDLESS: Final = b"\xff\xff\xff\xff\xff\x01"

_PACKAGE: Final = "causeline.census"


def count_messages(signal: Signal, body: bytes, limit: int) -> int:
    """Counts resources, scopes, records, attributes, values, events, links and all other messages inside of a request.

    Args:
        signal: of which it is a request.
        body: the request, decompressed.
        limit: most to accept.

    Returns:
        How many there are; of a small request the most that there can be.

    Raises:
        TooLargeError: when there are more.
        UndecodableError: when the bytes are no such message; not everything that is none is noticed here.
    """
    most = len(body) // _SMALLEST
    if len(body) <= _HARMLESS and most <= limit and _NEARLY_ENDLESS not in body:
        return most
    walk = _Walk(limit)
    try:
        walk.count_inside(_full_descriptor(signal), pa.py_buffer(body))
    except (ValueError, DecodeError) as error:
        raise UndecodableError(f"the body is not a valid {signal.request.DESCRIPTOR.name}: {error}") from None
    return walk.found


class _Walk:
    def __init__(self, limit: int) -> None:
        self.found = 0
        self._limit = limit

    def count_inside(self, kind: Any, messages: pa.Buffer) -> None:
        """Counts what some messages hold; they are given as one."""
        Empty.FromString(memoryview(messages))  # type: ignore[arg-type]  # it reads any buffer
        fields = _message_fields(kind)
        if not fields:
            return
        parts = _handler(kind).array_to_record_batch(_single_value_array(messages))
        for place, field in enumerate(fields):
            items = parts.column(place).values
            self.found += len(items)
            refuse_more(self.found, self._limit)
            if len(items):
                self.count_inside(field.message_type, items.buffers()[2])


def _single_value_array(value: pa.Buffer) -> pa.BinaryArray:
    """Returns an array of one value, without a copy of it."""
    offsets = pa.array([0, value.size], pa.int32()).buffers()[1]
    return pa.BinaryArray.from_buffers(pa.binary(), 1, [None, offsets, value])


@cache
def _full_descriptor(signal: Signal) -> Descriptor:
    return request_descriptor(signal)


@cache
def _message_fields(kind: Descriptor) -> tuple[FieldDescriptor, ...]:
    return tuple(field for field in kind.fields if field.message_type is not None)


@cache
def _handler(kind: Descriptor) -> Any:
    """Returns the decoder of a message whose own messages are bytes, and all of them repeated."""
    file = FileDescriptorProto(name=f"causeline/census_{kind.name}.proto", package=_PACKAGE, syntax="proto3")
    message = file.message_type.add(name=kind.name)
    for field in _message_fields(kind):
        message.field.add(
            name=field.name,
            number=field.number,
            type=FieldDescriptorProto.TYPE_BYTES,
            label=FieldDescriptorProto.LABEL_REPEATED,
        )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    descriptor = pool.FindMessageTypeByName(f"{_PACKAGE}.{kind.name}")
    return HandlerPool([descriptor.file]).get_for_message(descriptor)
