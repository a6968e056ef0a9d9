"""The OTLP trace request as a message without recursion, so that it has an Arrow schema.

Made from OpenTelemetry's own descriptors, so that a field which they gain arrives here as well. Only recursion is cut:
a list inside a list, and a map anywhere, stay the bytes that they are on the wire (a submessage and a bytes field look
the same there) and are read when somebody looks at them.
"""

from typing import Final

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

PACKAGE: Final = "causeline.otlp"

#: Fields that the protocol reserves for the profiling signal, where a shared string table exists.
PROFILING_ONLY: Final = frozenset({"string_value_strindex", "key_strindex"})

_SOURCES: Final = (common_pb2, resource_pb2, trace_pb2, trace_service_pb2)
_DROPPED: Final = frozenset({"KeyValueList", "TracesData", "ExportTraceServiceResponse", "ExportTracePartialSuccess"})
_ITEM: Final = "ArrayItem"


def request_descriptor() -> Descriptor:
    """Returns the trimmed descriptor of `ExportTraceServiceRequest`."""
    pool = descriptor_pool.DescriptorPool()
    pool.Add(_trimmed_file())
    return pool.FindMessageTypeByName(f"{PACKAGE}.ExportTraceServiceRequest")


def _trimmed_file() -> FileDescriptorProto:
    trimmed = FileDescriptorProto(name="causeline/otlp.proto", package=PACKAGE, syntax="proto3")
    for source in _SOURCES:
        original = FileDescriptorProto()
        source.DESCRIPTOR.CopyToProto(original)
        for message in original.message_type:
            if message.name not in _DROPPED:
                _localise(message, original.package)
                trimmed.message_type.append(message)
    _cut_recursion({message.name: message for message in trimmed.message_type}, trimmed)
    return trimmed


def _localise(message: DescriptorProto, package: str) -> None:
    kept = [field for field in message.field if field.name not in PROFILING_ONLY]
    del message.field[:]
    message.field.extend(kept)
    for field in message.field:
        if field.type_name:
            words = field.type_name.split(".")
            # `.opentelemetry.proto.<signal>.v1.Message` and `.opentelemetry.proto.collector.<signal>.v1.Message`
            field.type_name = f".{PACKAGE}." + ".".join(words[words.index("v1") + 1 :])
    for nested in message.nested_type:
        _localise(nested, package)


def _cut_recursion(messages: dict[str, DescriptorProto], file: FileDescriptorProto) -> None:
    item = file.message_type.add()
    item.CopyFrom(messages["AnyValue"])
    item.name = _ITEM
    _as_bytes(item, "array_value")
    _as_bytes(item, "kvlist_value")
    _as_bytes(messages["AnyValue"], "kvlist_value")
    messages["ArrayValue"].field[0].type_name = f".{PACKAGE}.{_ITEM}"


def _as_bytes(message: DescriptorProto, name: str) -> None:
    field = next(field for field in message.field if field.name == name)
    field.ClearField("type_name")
    field.type = FieldDescriptorProto.TYPE_BYTES
