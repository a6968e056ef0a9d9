"""Maps, and lists within lists, which are kept as the protobuf that they were sent as, mended where need be."""

from opentelemetry.proto.common.v1.common_pb2 import ArrayValue, KeyValueList

from runtime.redaction.messages import clean_map, clean_values
from runtime.redaction.redactor import Redactor


def clean_map_message(wire: bytes, redactor: Redactor) -> bytes:
    """Returns a `KeyValueList` without secrets; as it was where it held none."""
    message = KeyValueList.FromString(wire)
    return message.SerializeToString() if clean_map(message, redactor) else wire


def clean_list_message(wire: bytes, redactor: Redactor) -> bytes:
    """Returns an `ArrayValue` without secrets; as it was where it held none."""
    message = ArrayValue.FromString(wire)
    return message.SerializeToString() if clean_values(message, redactor) else wire
