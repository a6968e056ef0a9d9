"""Takes secrets out of OTLP's values, as deep as they go. Changes what it is given."""

from collections.abc import Iterable
from typing import Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from runtime.redaction.command_lines import find_secret_items
from runtime.redaction.patterns import REDACTED
from runtime.redaction.redactor import NAMES, VALUES, Redactor

#: Kinds of values that are replaced where their key names a secret: numbers and truth values count or limit it.
HIDDEN: Final = ("string_value", "bytes_value", "array_value", "kvlist_value")


def clean_pairs(pairs: Iterable[KeyValue], redactor: Redactor) -> bool:
    """Takes secrets out of attributes, by their keys and by how they look. Returns whether there were any."""
    pairs, changed = list(pairs), False
    names = [pair.value.string_value for pair in pairs if pair.key in NAMES]
    hidden = VALUES if any(redactor.is_secret(name) for name in names) else frozenset()
    for pair in pairs:
        if pair.value.WhichOneof("value") in HIDDEN and (pair.key in hidden or redactor.is_secret(pair.key)):
            changed = changed or pair.value.string_value != REDACTED
            pair.value.string_value = REDACTED
        else:
            changed = clean_value(pair.value, redactor) or changed
        key = redactor.text(pair.key)
        if key != pair.key:
            pair.key, changed = key, True
    return changed


def clean_value(value: AnyValue, redactor: Redactor) -> bool:
    """Takes secrets out of a value by how they look. Returns whether there were any."""
    match value.WhichOneof("value"):
        case "string_value":
            text = redactor.text(value.string_value)
            changed = text != value.string_value
            value.string_value = text
        case "bytes_value":
            raw = clean_bytes(value.bytes_value, redactor)
            changed = raw != value.bytes_value
            value.bytes_value = raw
        case "array_value":
            changed = clean_values(value.array_value, redactor)
        case "kvlist_value":
            changed = clean_map(value.kvlist_value, redactor)
        case _:
            changed = False
    return changed


def clean_map(value: KeyValueList, redactor: Redactor) -> bool:
    """Takes secrets out of a map. Returns whether there were any."""
    return clean_pairs(value.values, redactor)


def clean_values(value: ArrayValue, redactor: Redactor) -> bool:
    """Takes secrets out of a list. Returns whether there were any."""
    texts = [item.string_value if item.WhichOneof("value") == "string_value" else None for item in value.values]
    hidden = {place for place in find_secret_items(texts, redactor.is_secret) if texts[place] != REDACTED}
    for place in hidden:
        value.values[place].string_value = REDACTED
    cleaned = [clean_value(item, redactor) for place, item in enumerate(value.values) if place not in hidden]
    return bool(hidden) or any(cleaned)


def clean_bytes(value: bytes, redactor: Redactor) -> bytes:
    """Bytes without the secrets that stand in them as text."""
    return redactor.text(value.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
