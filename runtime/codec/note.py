"""The tree of notes beside the data: what natural JSON does not say of a value.

A note is None where natural JSON says all, a kind where that is all there is to say (`"bytes"`), or an object:

- `as`: the kind; absent for a natural list or object of which only children have notes.
- `each`, `at`: the notes of its children: of all but those that `at` names, and by key or position. A child whose data
  is null is None, unless its note says `null`.
- `kinds`: a list of notes that `at` then refers to by number, where the same few stand at many places.
- `of`: the note of the same data, for what is wrapped around a value of another kind.
- `class`, `shape`: the class that made it, and a digest of that class's fields.
- `more`: what of an object natural JSON does not show, as data and types of its own.

The other members belong to one kind each and are described where that is.
"""

from typing import Any, Final

Note = str | dict[str, Any] | None
Node = tuple[Any, Note]
"""Data, which is plain JSON, and its note."""

AS: Final = "as"
EACH: Final = "each"
AT: Final = "at"
KINDS: Final = "kinds"
OF: Final = "of"
CLASS: Final = "class"
SHAPE: Final = "shape"
MORE: Final = "more"

NULL: Final = "null"
"""Says that the note holds although the data is null."""

KEYS: Final = "keys"
"""The note of an object's keys, where they stand for other things than text."""

PAIRS: Final = "pairs"
"""Says that a dict is written as a list of keys and values."""

DATA: Final = "data"
TYPES: Final = "types"

_NONE: Final[dict[str, Any]] = {}
_CHILDREN: Final = frozenset({EACH, AT, KINDS})


def build_note(kind: str | None, children: dict[str, Any], **facts: Any) -> Note:
    """The shortest note that says it; `kind` is None for a natural list or object."""
    if not children and not facts:
        return kind
    return {**({AS: kind} if kind else {}), **facts, **children}


def note_as_object(note: Note) -> dict[str, Any]:
    """A note as an object, whichever way it is written."""
    if isinstance(note, dict):
        return note
    return {} if note is None else {AS: note}


def own_facts(note: dict[str, Any]) -> dict[str, Any]:
    """What a note says of its own node."""
    return {name: fact for name, fact in note.items() if name not in _CHILDREN}


def child_notes(note: dict[str, Any]) -> dict[str, Note]:
    """The notes of the children that have one of their own, by key or position."""
    at: dict[str, Any] = note.get(AT, _NONE)
    if KINDS not in note:
        return at
    kinds = note[KINDS]
    return {key: kinds[number] for key, number in at.items()}


def note_for_null(data: Any, note: dict[str, Any]) -> dict[str, Any]:
    """The note of a node that is something else than None although its data may be null."""
    return {**note, NULL: True} if data is None else note


def is_none(data: Any, note: Note) -> bool:
    """Whether a node is None: its data is null, and its note does not say otherwise."""
    return data is None and not (isinstance(note, dict) and note.get(NULL))
