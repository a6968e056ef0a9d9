"""A list taken apart into its encoded elements, and put together of them. Pure."""

from collections.abc import Sequence
from typing import Final

from runtime.codec.collapse import collapse
from runtime.codec.encoded import Encoded
from runtime.codec.note import EACH, Note, apart, is_none, noted, opened
from runtime.errors import UndecodableError

#: Notes of what is a list in Python too, or may be gone through as one.
_LISTS: Final = frozenset({None, "tuple", "set", "frozenset", "deque"})


def elements(encoded: Encoded) -> list[Encoded] | None:
    """The elements of an encoded list, tuple, set or deque; None where it is none of them.

    Raises:
        UndecodableError: what is stored is no JSON, or a newer version wrote it.
    """
    data, types = encoded.fresh()
    note = opened(types)
    if not isinstance(data, list) or note.get("as") not in _LISTS:
        return None
    at, each = apart(note), note.get(EACH)
    found = []
    for index, item in enumerate(data):
        own = at.get(str(index), each)
        found.append(Encoded(item, None if is_none(item, own) else own))
    return found


def gathered(texts: Sequence[str]) -> Encoded:
    """The list of some encoded values.

    Args:
        texts: each as `Encoded.text`, in order.

    Raises:
        UndecodableError: one of them is no JSON, or a newer version wrote it; says which.
    """
    data, notes = [], {}
    for index, text in enumerate(texts):
        try:
            item, types = Encoded.parse(text).fresh()
        except UndecodableError as error:
            raise UndecodableError(f"[{index}]: {error}") from None
        data.append(item)
        if types is not None:
            notes[index] = types
    note: Note = noted(None, collapse(enumerate(data), notes) if notes else {})
    return Encoded(data, note)
