"""OTLP's requests as messages without recursion, so that they have an Arrow schema.

Made from OpenTelemetry's own descriptors, so that a field which they gain arrives here as well. Only recursion is cut:
a list inside a list, and a map anywhere, stay the bytes that they are on the wire (a submessage and a bytes field look
the same there) and are read when somebody looks at them.
"""

from typing import Any, Final

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto

from collector.otlp.signals import Signal

PACKAGE: Final = "causeline.otlp"

#: Fields that the protocol reserves for the profiling signal, where a shared string table exists.
PROFILING_ONLY: Final = frozenset({"string_value_strindex", "key_strindex"})

_MAP: Final = "KeyValueList"
_ITEM: Final = "ArrayItem"


def request_descriptor(signal: Signal, *, text_as_bytes: bool = False) -> Descriptor:
    """Returns the trimmed descriptor of a signal's request.

    Args:
        signal: which.
        text_as_bytes: whether fields that hold text become fields that hold bytes, which are the same on the wire.
    """
    trimmed = _trimmed_file(signal)
    if text_as_bytes:
        for field in (field for message in trimmed.message_type for field in message.field):
            if field.type == FieldDescriptorProto.TYPE_STRING:
                field.type = FieldDescriptorProto.TYPE_BYTES
    pool = descriptor_pool.DescriptorPool()
    pool.Add(trimmed)
    return pool.FindMessageTypeByName(f"{PACKAGE}.{signal.request.DESCRIPTOR.name}")


def _trimmed_file(signal: Signal) -> FileDescriptorProto:
    """Returns one file that holds all that a request is made of."""
    trimmed = FileDescriptorProto(name=f"causeline/{signal.name}.proto", package=PACKAGE, syntax="proto3")
    reached = _collect_message_names(signal.request.DESCRIPTOR, set())
    for source in signal.sources:
        original = FileDescriptorProto()
        source.DESCRIPTOR.CopyToProto(original)
        trimmed.enum_type.extend(original.enum_type)
        for message in original.message_type:
            if message.name in reached:
                _localise(message)
                trimmed.message_type.append(message)
    _cut_recursion({message.name: message for message in trimmed.message_type}, trimmed)
    return trimmed


def _collect_message_names(message: Any, seen: set[str]) -> set[str]:
    """Returns the names of all messages that one is made of, but maps, which stay bytes."""
    if message.name not in seen and message.name != _MAP:
        seen.add(message.name)
        for field in message.fields:
            if field.message_type is not None:
                _collect_message_names(field.message_type, seen)
    return seen


def _localise(message: DescriptorProto) -> None:
    kept = [field for field in message.field if field.name not in PROFILING_ONLY]
    del message.field[:]
    message.field.extend(kept)
    for field in message.field:
        if field.type_name:
            words = field.type_name.split(".")
            # `.opentelemetry.proto.<signal>.v1.Message` and `.opentelemetry.proto.collector.<signal>.v1.Message`
            field.type_name = f".{PACKAGE}." + ".".join(words[words.index("v1") + 1 :])
    for nested in message.nested_type:
        _localise(nested)


def _cut_recursion(messages: dict[str, DescriptorProto], file: FileDescriptorProto) -> None:
    item = file.message_type.add()
    item.CopyFrom(messages["AnyValue"])
    item.name = _ITEM
    _set_bytes_type(item, "array_value")
    _set_bytes_type(item, "kvlist_value")
    _set_bytes_type(messages["AnyValue"], "kvlist_value")
    messages["ArrayValue"].field[0].type_name = f".{PACKAGE}.{_ITEM}"


def _set_bytes_type(message: DescriptorProto, name: str) -> None:
    field = next(field for field in message.field if field.name == name)
    field.ClearField("type_name")
    field.type = FieldDescriptorProto.TYPE_BYTES
