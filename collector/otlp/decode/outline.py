"""The outline of an OTLP request: its resources and scopes as the bytes that they are on the wire.

Their ids are hashes of these bytes, so that resources and scopes need not be decoded to be told apart, however large
they are. A submessage and a bytes field look the same on the wire, and what is not named here is skipped.
"""

import hashlib
from functools import cache
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from ptars import HandlerPool

from collector.otlp.signals import Signal

_PACKAGE: Final = "causeline.outline"


def _descriptor(signal: Signal) -> Descriptor:
    outline = FileDescriptorProto(name=f"causeline/outline_{signal.name}.proto", package=_PACKAGE, syntax="proto3")
    request = signal.request.DESCRIPTOR
    resources = _nested_type(request, signal.resources)
    for message, opaque, nested in (
        (request, "", signal.resources),
        (resources, "resource", signal.scopes),
        (_nested_type(resources, signal.scopes), "scope", ""),
    ):
        original = DescriptorProto()
        message.CopyToProto(original)
        trimmed = outline.message_type.add(name=original.name)
        trimmed.field.extend(field for field in original.field if field.name in (opaque, nested, "schema_url"))
        for field in trimmed.field:
            if field.name == opaque:
                field.ClearField("type_name")
                field.type = FieldDescriptorProto.TYPE_BYTES
            elif field.name == nested:
                field.type_name = f".{_PACKAGE}.{field.type_name.rpartition('.')[2]}"
            else:
                field.type = FieldDescriptorProto.TYPE_BYTES  # a URL that is no UTF-8 is hashed like any other
    pool = descriptor_pool.DescriptorPool()
    pool.Add(outline)
    return pool.FindMessageTypeByName(f"{_PACKAGE}.{request.name}")


def _nested_type(message: Any, field: str) -> Any:
    return message.fields_by_name[field].message_type


@cache
def _handler(signal: Signal) -> Any:
    descriptor = _descriptor(signal)
    return HandlerPool([descriptor.file]).get_for_message(descriptor)


class Outline:
    """The numbers of a request's resources and scopes.

    Args:
        signal: of which it is a request.
        body: the request, which has been decoded before.
    """

    def __init__(self, signal: Signal, body: bytes) -> None:
        self._resources = _handler(signal).list_to_record_batch([body]).column(signal.resources).flatten()
        self._scopes = self._resources.field(signal.scopes).flatten()

    def resource_ids(self, rows: pa.Array) -> pa.UInt64Array:
        """Returns the numbers of some of the request's resources, by their place in it."""
        return _hash_contents(self._resources, "resource", rows)

    def scope_ids(self, rows: pa.Array) -> pa.UInt64Array:
        """Returns the numbers of some of the request's scopes, by their place in it."""
        return _hash_contents(self._scopes, "scope", rows)


def _hash_contents(messages: pa.StructArray, name: str, rows: pa.Array) -> pa.UInt64Array:
    """Returns a number for each content: the same for the same content, in this request and the next."""
    content, url = (messages.field(field).take(rows).cast(pa.binary()) for field in (name, "schema_url"))
    # No message holds a zero byte where a field could begin, so nothing else has the same bytes.
    whole = pc.binary_join_element_wise(content, url, b"\0").dictionary_encode()
    numbers = pa.array((_digest(value) for value in whole.dictionary.to_pylist()), pa.uint64())
    return numbers.take(whole.indices)


def _digest(content: bytes) -> int:
    return int.from_bytes(hashlib.sha256(content).digest()[:8])
