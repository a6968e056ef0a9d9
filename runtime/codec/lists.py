"""A list taken apart into its encoded elements, and put together of them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from runtime.codec.collapse import collapse_notes
from runtime.codec.encoded import Encoded
from runtime.codec.note import EACH, Note, build_note, child_notes, is_none, note_as_object
from runtime.errors import UndecodableError

_Key = TypeVar("_Key", int, str)

#: Notes of what is a list in Python too, or may be gone through as one.
_LISTS: Final = frozenset({None, "tuple", "set", "frozenset", "deque"})


def split_elements(encoded: Encoded) -> list[Encoded] | None:
    """The elements of an encoded list, tuple, set or deque; None where it is none of them.

    Raises:
        UndecodableError: what is stored is no JSON, or a newer version wrote it.
    """
    data, types = encoded.fresh_copy()
    note = note_as_object(types)
    if not isinstance(data, list) or note.get("as") not in _LISTS:
        return None
    at, each = child_notes(note), note.get(EACH)
    found = []
    for index, item in enumerate(data):
        own = at.get(str(index), each)
        found.append(Encoded(item, None if is_none(item, own) else own))
    return found


def join_list(texts: Sequence[str]) -> Encoded:
    """The list of some encoded values.

    Args:
        texts: each as `Encoded.text`, in order.

    Raises:
        UndecodableError: one of them is no JSON, or a newer version wrote it; says which.
    """
    read = _read(enumerate(texts))
    return Encoded([data for _, data, _ in read], _note(read))


def join_object(texts: Mapping[str, str]) -> Encoded:
    """The object of some encoded values, by name.

    Args:
        texts: each as `Encoded.text`.

    Raises:
        UndecodableError: as in `join_list`.
    """
    read = _read(texts.items())
    return Encoded({name: data for name, data, _ in read}, _note(read))


def _read(texts: Iterable[tuple[_Key, str]]) -> list[tuple[_Key, Any, Note]]:
    found: list[tuple[_Key, Any, Note]] = []
    for key, text in texts:
        try:
            data, note = Encoded.parse(text).fresh_copy()
            found.append((key, data, note))
        except UndecodableError as error:
            raise UndecodableError(f"[{key}]: {error}") from None
    return found


def _note(read: Sequence[tuple[Any, Any, Note]]) -> Note:
    notes = {key: note for key, _, note in read if note is not None}
    return build_note(None, collapse_notes([(key, data) for key, data, _ in read], notes) if notes else {})
