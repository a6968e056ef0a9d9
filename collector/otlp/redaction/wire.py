"""Maps, and lists within lists, which are kept as the protobuf that they were sent as. Nobody read them before."""

from typing import Final

from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValueList

from runtime.redaction.messages import clean_map, clean_values
from runtime.redaction.patterns import REDACTED
from runtime.redaction.redactor import Redactor

#: Stands for what can't be read, and so not be cleaned: broken, or nested more deeply than protobuf reads.
_MAP: Final = KeyValueList()
_MAP.values.add(key=REDACTED).value.string_value = REDACTED
_LIST: Final = ArrayValue(values=[AnyValue(string_value=REDACTED)])


def clean_map_message(wire: bytes, redactor: Redactor) -> bytes:
    """Returns a `KeyValueList` without secrets; as it was where it held none."""
    try:
        message = KeyValueList.FromString(wire)
    except DecodeError:
        return _MAP.SerializeToString()
    return message.SerializeToString() if clean_map(message, redactor) else wire


def clean_list_message(wire: bytes, redactor: Redactor) -> bytes:
    """Returns an `ArrayValue` without secrets; as it was where it held none."""
    try:
        message = ArrayValue.FromString(wire)
    except DecodeError:
        return _LIST.SerializeToString()
    return message.SerializeToString() if clean_values(message, redactor) else wire
