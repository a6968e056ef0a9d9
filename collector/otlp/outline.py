"""The outline of an OTLP trace request: its resources and scopes as the bytes that they are on the wire.

Their ids are hashes of these bytes, so that resources and scopes need not be decoded to be told apart, however large
they are. A submessage and a bytes field look the same on the wire, and what is not named here is skipped.
"""

import hashlib
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans
from ptars import HandlerPool

_PACKAGE: Final = "causeline.outline"


def _descriptor() -> Descriptor:
    outline = FileDescriptorProto(name="causeline/outline.proto", package=_PACKAGE, syntax="proto3")
    for message, opaque, nested in (
        (ExportTraceServiceRequest, "", "resource_spans"),
        (ResourceSpans, "resource", "scope_spans"),
        (ScopeSpans, "scope", ""),
    ):
        original = DescriptorProto()
        message.DESCRIPTOR.CopyToProto(original)
        trimmed = outline.message_type.add(name=original.name)
        trimmed.field.extend(field for field in original.field if field.name in (opaque, nested, "schema_url"))
        for field in trimmed.field:
            if field.name == opaque:
                field.ClearField("type_name")
                field.type = FieldDescriptorProto.TYPE_BYTES
            elif field.name == nested:
                field.type_name = f".{_PACKAGE}.{field.type_name.rpartition('.')[2]}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(outline)
    return pool.FindMessageTypeByName(f"{_PACKAGE}.ExportTraceServiceRequest")


_DESCRIPTOR: Final = _descriptor()
_POOL: Final = HandlerPool([_DESCRIPTOR.file])
_HANDLER: Final = _POOL.get_for_message(_DESCRIPTOR)


class Outline:
    """The numbers of a request's resources and scopes.

    Args:
        body: the request, which has been decoded before.
    """

    def __init__(self, body: bytes) -> None:
        self._resources = _HANDLER.list_to_record_batch([body]).column("resource_spans").flatten()
        self._scopes = self._resources.field("scope_spans").flatten()

    def resource_ids(self, rows: pa.Array) -> pa.UInt64Array:
        """Returns the numbers of some of the request's resources, by their place in it."""
        return _numbers(self._resources, "resource", rows)

    def scope_ids(self, rows: pa.Array) -> pa.UInt64Array:
        """Returns the numbers of some of the request's scopes, by their place in it."""
        return _numbers(self._scopes, "scope", rows)


def _numbers(messages: pa.StructArray, name: str, rows: pa.Array) -> pa.UInt64Array:
    """Returns a number for each content: the same for the same content, in this request and the next."""
    content, url = (messages.field(field).take(rows).cast(pa.binary()) for field in (name, "schema_url"))
    # No message holds a zero byte where a field could begin, so nothing else has the same bytes.
    whole = pc.binary_join_element_wise(content, url, b"\0").dictionary_encode()
    numbers = pa.array((_digest(value) for value in whole.dictionary.to_pylist()), pa.uint64())
    return numbers.take(whole.indices)


def _digest(content: bytes) -> int:
    return int.from_bytes(hashlib.sha256(content).digest()[:8])
