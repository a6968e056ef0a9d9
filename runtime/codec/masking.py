"""What may be shown of a value: natural JSON, its secrets replaced."""

from typing import Any, Final

from runtime.codec.encoded import Encoded
from runtime.codec.note import AS, AT, EACH, MORE, OF, TYPES, Note, child_notes, is_none, note_as_object
from runtime.codec.plan import NAMES, WHOLE
from runtime.codec.secret import MASK, is_secret
from runtime.errors import UndecodableError

#: Kinds of values that are bytes, which JSON holds as base64.
_BINARY: Final = frozenset({"bytes", "bytearray", "memoryview"})


def mask_secrets(encoded: Encoded) -> Any:
    """The data of a value with `MASK` in the place of each secret.

    Args:
        encoded: the value.

    Returns:
        Plain JSON, to be looked at and not to be changed: what holds no secret is the data itself.
    """
    return _mask(encoded.data, encoded.types)


def mask_for_people(data: Any, types: Note) -> Any:
    """The same for people: in the place of bytes stands how many there are.

    Args:
        data: plain JSON.
        types: the tree of notes.
    """
    return _mask(data, types, readable=True)


def describe_bytes(size: int) -> str:
    """What is shown of so many bytes."""
    return f"[binary: {size:,} {'byte' if size == 1 else 'bytes'}]"


def mask_stored_text(text: str) -> Any:
    """What may be shown of a value that is stored as this text; says so where a newer version wrote it."""
    try:
        return mask_secrets(Encoded.parse(text))
    except UndecodableError as error:
        return f"({error})"


def _mask(data: Any, note: Note, *, readable: bool = False) -> Any:
    if note is None or is_none(data, note):
        return data
    if is_secret(note):
        return MASK
    facts = note_as_object(note)
    if readable and facts.get(AS) in _BINARY and isinstance(data, str) and data.isascii():
        return describe_bytes(len(data) * 3 // 4 - data[-2:].count("="))
    if OF in facts:
        data = _mask(data, facts[OF], readable=readable)
    if MORE in facts:
        data = _mask_shaped(data, facts)
    if EACH not in facts and AT not in facts:
        return data
    own, each = child_notes(facts), facts.get(EACH)
    if isinstance(data, dict):
        return {key: _mask(item, own.get(key, each), readable=readable) for key, item in data.items()}
    if isinstance(data, list):
        return [_mask(item, own.get(str(at), each), readable=readable) for at, item in enumerate(data)]
    return data


def _mask_shaped(data: Any, facts: dict[str, Any]) -> Any:
    """Masks what a serializer of a class's own made of a field that holds a secret: it may tell it."""
    fields = facts[MORE][TYPES].get(AT, {}).get("fields")
    secret = {name for name, note in note_as_object(fields).get(AT, {}).items() if _has_secret(note)}
    if not secret:
        return data
    if facts.get(WHOLE) or not isinstance(data, dict):
        return MASK
    names = facts.get(NAMES, {})
    return {key: MASK if names.get(key, key) in secret else item for key, item in data.items()}


def _has_secret(note: Any) -> bool:
    if is_secret(note):
        return True
    parts = note.values() if isinstance(note, dict) else note if isinstance(note, list) else ()
    return any(_has_secret(part) for part in parts if isinstance(part, dict | list | str))
