"""One note for all elements of a list instead of one for each, wherever that says the same. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import Any, Final

from runtime.codec.note import AT, EACH, KINDS, Note, child_notes, is_none, note_as_object, own_facts

#: Notes that are looked for among those before, one by one.
_MOST_KINDS: Final = 32


def collapse_notes(items: Iterable[tuple[Any, Any]], notes: Mapping[Any, Note]) -> dict[str, Any]:
    """The notes of a node's children.

    Args:
        items: key and data of every child, in order.
        notes: by key, of those children that have one.

    Returns:
        `each` and `at`, as they are part of the node's own note; empty where no child has a note.
    """
    if not notes:
        return {}
    common = _common_note(list(notes.values()))
    others = {
        str(key): note
        for key, data in items
        if (note := notes.get(key)) is not common and not _has_same_reading(data, note, common)
    }
    if len(others) >= len(notes):
        return _notes_by_key({str(key): note for key, note in notes.items()})
    return {EACH: common, **(_notes_by_key(others) if others else {})}


def _notes_by_key(notes: dict[str, Note]) -> dict[str, Any]:
    """Notes by key; each kind once where there are few, as in a list of objects of which some leave out what others
    have."""
    kinds: list[Note] = []
    for note in notes.values():
        if note not in kinds:
            kinds.append(note)
        if len(kinds) > _MOST_KINDS:
            break
    if 2 * len(kinds) > len(notes) or len(kinds) > _MOST_KINDS:
        return {AT: notes}
    return {KINDS: kinds, AT: {key: kinds.index(note) for key, note in notes.items()}}


def _common_note(notes: list[Note]) -> Note:
    first = notes[0]
    if all(note is first or note == first for note in notes):
        return first
    return reduce(_merge_notes, notes)


def _merge_notes(one: Note, other: Note) -> Note:
    """A note that may say what both say: whether it does depends on the data."""
    if one is other or one == other or other is None:
        return one
    if one is None:
        return other
    mine, theirs = note_as_object(one), note_as_object(other)
    if own_facts(mine) != own_facts(theirs):
        return one
    children: dict[str, Any] = {}
    each = _merge_notes(mine.get(EACH), theirs.get(EACH))
    if each is not None:
        children[EACH] = each
    my_own, their_own = child_notes(mine), child_notes(theirs)
    if my_own or their_own:
        mixed = {
            key: (my_own.get(key, mine.get(EACH)), their_own.get(key, theirs.get(EACH)))
            for key in {**their_own, **my_own}
        }
        children[AT] = {key: _merge_notes(*pair) for key, pair in mixed.items()}
    return {**own_facts(mine), **children}


def _has_same_reading(data: Any, note: Note, common: Note) -> bool:
    """Whether data that has one note reads the same by another."""
    if note is common or note == common:
        return True
    if data is None:
        return is_none(data, note) and is_none(data, common)
    mine, theirs = note_as_object(note), note_as_object(common)
    if not isinstance(data, dict | list) or own_facts(mine) != own_facts(theirs):
        return False
    my_own, their_own, my_each, their_each = child_notes(mine), child_notes(theirs), mine.get(EACH), theirs.get(EACH)
    return all(
        _has_same_reading(item, my_own.get(key, my_each), their_own.get(key, their_each))
        for key, item in _children(data)
    )


def _children(data: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict):
        yield from data.items()
    elif isinstance(data, list):
        yield from ((str(at), item) for at, item in enumerate(data))
