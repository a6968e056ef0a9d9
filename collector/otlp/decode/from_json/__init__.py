"""OTLP's JSON encoding as protobuf bytes, so that there is one decoder behind it.

It is the JSON of proto3 with three exceptions: ids are hexadecimal, enumerations are numbers, keys are lowerCamelCase
alone (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). What is written so is read by `strict`, and
all else by `lenient`, which takes five times as long and has the last word: where both can read a text, they write the
same bytes.
"""

from collections.abc import Mapping

from google.protobuf.message import Message

from collector.otlp.decode.from_json import lenient, strict
from collector.otlp.decode.from_json.limits import count, weight

__all__ = ["count", "to_protobuf", "weight"]


def to_protobuf(body: bytes, kind: type[Message]) -> tuple[bytes, Mapping[str, int]]:
    """Translates a request.

    Args:
        body: the JSON text, decompressed.
        kind: the message that it is.

    Returns:
        The message as protobuf has it, and the values that were left out, counted by reason.

    Raises:
        UndecodableError: when the text is no JSON object.
    """
    plain = strict.to_protobuf(body, kind)
    return lenient.to_protobuf(body, kind) if plain is None else (plain, {})
