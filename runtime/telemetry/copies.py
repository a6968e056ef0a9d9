"""The copies of payloads, inputs and results that spans carry: what is secret taken out, bounded. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import from_json

from runtime.codec.encoded import RESERVED, Encoded
from runtime.codec.json_text import dump
from runtime.codec.masking import mask_for_people
from runtime.errors import UndecodableError
from runtime.redaction.redactor import Redactor
from runtime.telemetry.redaction import PAYLOAD_LIMIT, redact_payload
from runtime.telemetry.shortening import add_cut_mark, keep_first_values, shorten_json, shorten_texts
from runtime.telemetry.value_description import describe_value

#: Bytes of UTF-8 that the inputs of an attempt, and its result, may each take on a span.
VALUE_LIMIT: Final = 8 * 1024

#: Values within a large value that are told, and of one that nobody has written down yet, that are looked at.
_NODES: Final = 500
_LOOKED_AT: Final = 5_000

#: Characters of a text within it that are looked at, and of all its texts: more than are shown, so that no secret is
#: cut in two.
_TEXT: Final = VALUE_LIMIT + 4_096
_TEXTS: Final = 2 * _TEXT

#: Characters of stored JSON that are read; of what is longer the first of them.
_READ: Final = 1_000_000
_HEAD: Final = 2 * _TEXT

#: Stands for a value that may not be told.
_UNTOLD: Final = "[not recorded]"

_RESERVED: Final = f'"{RESERVED}"'


@dataclass(frozen=True, slots=True)
class Copies:
    """What of values spans carry.

    Attributes:
        redactor: takes secrets out before a value is cut.
        payloads: whether payloads of events are carried.
        values: whether inputs and results of steps and handlers are.
    """

    redactor: Redactor
    payloads: bool = True
    values: bool = True

    def payload(self, data: str) -> str:
        """The copy of an event's data, which is JSON text; empty where it is not to be shown. The secrets of one that
        is short are left to who sends it, as those of inputs and results are."""
        if not self.payloads:
            return ""
        return data if _is_within_limit(data) else redact_payload(data, self.redactor, PAYLOAD_LIMIT)

    def inputs(self, inputs: Mapping[str, Encoded | None]) -> str:
        """The copy of what a step is given, as a JSON object by key; empty where it is not to be shown.

        Args:
            inputs: by key; None stands for one that may not be told.
        """
        if not self.values or not inputs:
            return ""
        texts = {key: _short_text(value) for key, value in inputs.items()}
        if all(texts.values()) and _is_within_limit(whole := _join_object(texts)) and _is_json(whole):
            return whole
        nodes = max(_NODES // len(inputs), 20)
        told = {key: _UNTOLD if value is None else _plain_beginning(value, nodes) for key, value in inputs.items()}
        return _join_object(_cut_to_shares(self.redactor.value("", told)))

    def result(self, result: Any, key: str) -> str:
        """The copy of what an attempt returned, as JSON text; empty where it is not to be shown.

        Args:
            result: an `Encoded`, or any Python value; None for nothing.
            key: what others know it by, which may say that it is secret.
        """
        if not self.values or result is None:
            return ""
        is_stored = isinstance(result, Encoded)
        short = _short_text(result) if is_stored else ""
        if not short:
            told = _plain_beginning(result, _NODES) if is_stored else _describe_safely(result)
            short = dump(told)
        if not _is_within_limit(short):
            return shorten_json(self.redactor.value(key, told), VALUE_LIMIT)
        return dump(self.redactor.value(key, from_json(short))) if self.redactor.is_secret(key) else short


def _short_text(value: Encoded | None) -> str:
    """All of a value, where it is short; else nothing. Its secrets are left to who sends it: all attributes of a span
    are searched for them, and texts that are JSON by their keys."""
    if value is None:
        return dump(_UNTOLD)
    text = value.text
    if len(text) > VALUE_LIMIT:
        return ""
    if _RESERVED not in text:
        return text
    try:
        return dump(mask_for_people(value.data, value.types))
    except UndecodableError:  # which is told beside the others
        return ""


def _is_within_limit(text: str) -> bool:
    return len(text) <= VALUE_LIMIT // 4 or len(text.encode("utf-8", "replace")) <= VALUE_LIMIT


def _plain_beginning(value: Encoded, nodes: int) -> Any:
    """The beginning of a value as plain JSON, its pydantic secrets masked."""
    text = value.text
    try:
        if len(text) <= _READ:
            data, types = value.data, value.types
        elif _RESERVED not in text[:_HEAD]:
            data, types = add_cut_mark(from_json(text[:_HEAD], allow_partial="trailing-strings"), len(text)), None
        else:  # which of it is secret is said at its end
            return f"[{len(text):,} bytes]"
    except (UndecodableError, ValueError):
        return f"[no JSON: {len(text):,} bytes]"
    return shorten_texts(mask_for_people(keep_first_values(data, nodes), types), _TEXT, _TEXTS)


def _describe_safely(value: Any) -> Any:
    """The beginning of any Python value; a fault of its own costs the copy alone."""
    try:
        told = describe_value(value, _LOOKED_AT)
    except Exception:  # noqa: BLE001 - its own code's, or it changes meanwhile
        return f"[{type(value).__qualname__}: it can't be looked at]"
    return shorten_texts(keep_first_values(told, _NODES), _TEXT, _TEXTS)


def _cut_to_shares(told: Mapping[str, Any]) -> dict[str, str]:
    """Each value as JSON, cut to its share of the room: small ones leave theirs to large ones."""
    left, texts = VALUE_LIMIT - sum(len(dump(key).encode()) + 2 for key in told) - 2, {}
    by_size = sorted(told, key=lambda key: len(dump(told[key])))
    for at, key in enumerate(by_size):
        texts[key] = shorten_json(told[key], max(left // (len(by_size) - at), 40))
        left -= len(texts[key].encode("utf-8", "replace"))
    return {key: texts[key] for key in told}


def _join_object(texts: Mapping[str, str]) -> str:
    return "{" + ",".join([f"{dump(key)}:{text}" for key, text in texts.items()]) + "}"


def _is_json(text: str) -> bool:
    try:
        from_json(text)
    except ValueError:
        return False
    return True
