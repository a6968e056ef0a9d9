"""Dicts and their kin. Keys of one kind that JSON can write as text make an object; all others make a list of pairs."""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import Any, Final

from runtime.codec.collapse import collapse_notes
from runtime.codec.note import AS, AT, KEYS, PAIRS, Node, Note, build_note, note_as_object
from runtime.codec.reader import MalformedError, Reader, Restorer
from runtime.codec.refusal import RefusedError, key_place
from runtime.codec.scalars import is_natural_text
from runtime.codec.writer import Handler, Writer, check_depth

#: The note of keys that are ints written as decimal text.
_DIGITS: Final = "digits"

#: Levels that a pair takes: it is a list within a list.
_PAIR: Final = 2

#: Notes whose text may be a key of an object: what a foreign reader expects there, and no secret.
_KEY_KINDS: Final = frozenset({"uuid", "date", "datetime", "time", "decimal", "path", "enum", "derived"})

#: Factories of a defaultdict that travel, by name. Any other is code: the dict arrives without it.
_FACTORIES: Final[dict[str, type]] = {
    kind.__name__: kind for kind in (list, dict, set, int, float, str, bool, tuple, frozenset, bytes)
}


def write_dict(value: dict[Any, Any], writer: Writer, depth: int) -> Node:
    """A dict has no note but for keys that are no text, and for its values."""
    if not _are_texts(value):
        return _write_mapping(value, dict.items(value), None, writer, depth)
    data, notes = writer.write_members(value, value.items(), depth)
    return data, build_note(None, collapse_notes(data.items(), notes)) if notes else None


def write_ordered(value: OrderedDict[Any, Any], writer: Writer, depth: int) -> Node:
    """`ordereddict`."""
    return _write_mapping(value, OrderedDict.items(value), "ordereddict", writer, depth)


def write_counter(value: Counter[Any], writer: Writer, depth: int) -> Node:
    """`counter`."""
    return _write_mapping(value, dict.items(value), "counter", writer, depth)


def write_default(value: defaultdict[Any, Any], writer: Writer, depth: int) -> Node:
    """`defaultdict`, with its `factory` where that is a builtin type."""
    data, note = _write_mapping(value, dict.items(value), "defaultdict", writer, depth)
    factory = value.default_factory
    name = factory.__name__ if isinstance(factory, type) else ""
    if _FACTORIES.get(name) is not factory or factory is None:
        return data, note
    return data, {**(note if isinstance(note, dict) else {AS: note}), "factory": name}


def write_proxy(value: MappingProxyType[Any, Any], writer: Writer, depth: int) -> Node:
    """`mappingproxy`."""
    return _write_mapping(value, value.items(), "mappingproxy", writer, depth)


def _write_mapping(holder: Any, items: Iterable[tuple[Any, Any]], kind: str | None, writer: Writer, depth: int) -> Node:
    check_depth(holder, depth)
    pairs = list(items)
    if _are_texts(key for key, _ in pairs):
        return _write_object(holder, pairs, kind, None, writer, depth)
    keys = [_write_key(holder, key, writer, depth) for key, _ in pairs]
    texts, note = _text_keys(keys)
    if note is None:
        return _write_pairs(holder, pairs, keys, kind, writer, depth)
    named = zip(texts, (item for _, item in pairs), strict=True)
    return _write_object(holder, named, kind, note, writer, depth)


def _are_texts(keys: Iterable[Any]) -> bool:
    for key in keys:  # noqa: SIM110 - twice as fast as all()
        if type(key) is not str or not is_natural_text(key):
            return False
    return True


def _write_object(
    holder: Any, items: Iterable[tuple[str, Any]], kind: str | None, keys: Note, writer: Writer, depth: int
) -> Node:
    data, notes = writer.write_members(holder, items, depth)
    return data, build_note(
        kind, collapse_notes(data.items(), notes) if notes else {}, **({KEYS: keys} if keys else {})
    )


def _write_pairs(
    holder: Any, items: list[tuple[Any, Any]], keys: list[Node], kind: str | None, writer: Writer, depth: int
) -> Node:
    data: list[list[Any]] = []
    notes: dict[int, Note] = {}
    for (key, item), (key_data, key_note) in zip(items, keys, strict=True):
        try:
            item_data, item_note = writer.write_node(item, depth + _PAIR)
        except RefusedError as error:
            raise error.add_place(holder, key_place(key)) from None
        children = {at: note for at, note in (("0", key_note), ("1", item_note)) if note is not None}
        if children:
            notes[len(data)] = {AT: children}
        data.append([key_data, item_data])
    return data, build_note(kind or "dict", collapse_notes(enumerate(data), notes), **{PAIRS: True})


def _write_key(holder: Any, key: Any, writer: Writer, depth: int) -> Node:
    try:
        return writer.write_node(key, depth + _PAIR)
    except RefusedError as error:
        raise error.add_place(holder, key_place(key)) from None


def _text_keys(keys: list[Node]) -> tuple[list[str], Note]:
    """The keys as text and their common note, if they are of one kind that may be text, and all different; else none
    and None."""
    data, notes = [data for data, _ in keys], [note for _, note in keys]
    if all(type(key) is int for key in data) and not any(notes):
        return [str(key) for key in data], _DIGITS
    known = note_as_object(notes[0]).get(AS) in _KEY_KINDS and all(note == notes[0] for note in notes)
    if known and all(isinstance(key, str) for key in data) and len(set(data)) == len(data):
        return data, notes[0]
    return [], None


def _restore_dict(data: Any, note: dict[str, Any], reader: Reader) -> Any:
    """A dict; a list of pairs where a key has become a thing that no dict takes, such as a dict."""
    if not note.get(PAIRS):
        members = reader.read_members(data, note)
        return _restore_keys(members, note[KEYS], reader) if KEYS in note else members
    pairs = [tuple(pair) for pair in reader.read_items(data, note)]
    try:
        return dict(pairs)
    except TypeError:
        return pairs


def _restore_keys(members: dict[str, Any], note: Note, reader: Reader) -> dict[Any, Any]:
    return {
        _parse_digits(key) if note == _DIGITS else reader.read_node(key, note): item for key, item in members.items()
    }


def _parse_digits(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise MalformedError("has keys that are not numbers, though its note says so") from None


def _make_restorer(kind: Callable[[dict[Any, Any]], Any]) -> Restorer:
    def restore(data: Any, note: dict[str, Any], reader: Reader) -> Any:
        members = _restore_dict(data, note, reader)
        return kind(members) if isinstance(members, dict) else members

    return restore


def _restore_default(data: Any, note: dict[str, Any], reader: Reader) -> Any:
    members = _restore_dict(data, note, reader)
    factory = _FACTORIES.get(str(note.get("factory")))
    return defaultdict(factory, members) if isinstance(members, dict) else members


def restore_natural(data: Any, note: dict[str, Any], reader: Reader) -> Any:
    """A list or a dict of which only children have notes, or keys."""
    return reader.read_items(data, note) if isinstance(data, list) else _restore_dict(data, note, reader)


HANDLERS: Final[dict[type, Handler]] = {
    dict: write_dict,
    OrderedDict: write_ordered,
    Counter: write_counter,
    defaultdict: write_default,
    MappingProxyType: write_proxy,
}

RESTORERS: Final[dict[str | None, Restorer]] = {
    None: restore_natural,
    "dict": _restore_dict,
    "ordereddict": _make_restorer(OrderedDict),
    "counter": _make_restorer(Counter),
    "defaultdict": _restore_default,
    "mappingproxy": _make_restorer(MappingProxyType),
}
