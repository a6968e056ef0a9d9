"""One note for all elements of a list instead of one for each, wherever that says the same. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import Any

from runtime.codec.note import AT, EACH, Note, child, head, is_none, opened


def collapse(items: Iterable[tuple[Any, Any]], notes: Mapping[Any, Note]) -> dict[str, Any]:
    """The notes of a node's children.

    Args:
        items: key and data of every child, in order.
        notes: by key, of those children that have one.

    Returns:
        `each` and `at`, as they are part of the node's own note; empty where no child has a note.
    """
    if not notes:
        return {}
    common = _common(list(notes.values()))
    others = {
        str(key): note
        for key, data in items
        if (note := notes.get(key)) is not common and not _fits(data, note, common)
    }
    if len(others) >= len(notes):
        return {AT: {str(key): note for key, note in notes.items()}}
    return {EACH: common, AT: others} if others else {EACH: common}


def _common(notes: list[Note]) -> Note:
    first = notes[0]
    if all(note is first or note == first for note in notes):
        return first
    return reduce(_merged, notes)


def _merged(one: Note, other: Note) -> Note:
    """A note that may say what both say: whether it does depends on the data."""
    if one is other or one == other or other is None:
        return one
    if one is None:
        return other
    mine, theirs = opened(one), opened(other)
    if head(mine) != head(theirs):
        return one
    children: dict[str, Any] = {}
    each = _merged(mine.get(EACH), theirs.get(EACH))
    if each is not None:
        children[EACH] = each
    at = {**theirs.get(AT, {}), **mine.get(AT, {})}
    if at:
        children[AT] = {key: _merged(child(mine, key), child(theirs, key)) for key in at}
    return {**head(mine), **children}


def _fits(data: Any, note: Note, common: Note) -> bool:
    """Whether data that has one note reads the same by another."""
    if note is common or note == common:
        return True
    if data is None:
        return is_none(data, note) and is_none(data, common)
    mine, theirs = opened(note), opened(common)
    if head(mine) != head(theirs):
        return False
    return all(_fits(item, child(mine, key), child(theirs, key)) for key, item in _children(data))


def _children(data: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict):
        yield from data.items()
    elif isinstance(data, list):
        yield from ((str(at), item) for at, item in enumerate(data))
