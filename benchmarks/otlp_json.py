"""OTLP's JSON: protobuf's, but with ids in hexadecimal and enumerations as numbers."""

import base64
import json
from typing import Any, Final

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

_IDS: Final = ("traceId", "spanId", "parentSpanId")


def as_json(message: Message) -> bytes:
    """A request as JSON."""
    return json.dumps(_in_hex(MessageToDict(message, use_integers_for_enums=True))).encode()


def _in_hex(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_hex(item) for item in value]
    if isinstance(value, dict):
        return {name: base64.b64decode(item).hex() if name in _IDS else _in_hex(item) for name, item in value.items()}
    return value
