"""Lists, tuples, sets and deques. All are lists in JSON; the note says which."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final

from runtime.codec.note import Node, build_note
from runtime.codec.reader import Reader, Restorer
from runtime.codec.writer import Handler, Writer


def write_list(value: list[Any], writer: Writer, depth: int) -> Node:
    """A list has no note but for its elements."""
    data, children = writer.write_elements(value, list.__iter__(value), depth)
    return data, build_note(None, children)


def write_tuple(value: tuple[Any, ...], writer: Writer, depth: int) -> Node:
    """`tuple`."""
    data, children = writer.write_elements(value, tuple.__iter__(value), depth)
    return data, build_note("tuple", children)


def write_set(value: set[Any], writer: Writer, depth: int) -> Node:
    """`set`."""
    data, children = writer.write_elements(value, _ordered(set.__iter__(value)), depth)
    return data, build_note("set", children)


def write_frozenset(value: frozenset[Any], writer: Writer, depth: int) -> Node:
    """`frozenset`."""
    data, children = writer.write_elements(value, _ordered(frozenset.__iter__(value)), depth)
    return data, build_note("frozenset", children)


def write_deque(value: deque[Any], writer: Writer, depth: int) -> Node:
    """`deque`, with its `maxlen`."""
    data, children = writer.write_elements(value, deque.__iter__(value), depth)
    return data, build_note("deque", children, **({} if value.maxlen is None else {"maxlen": value.maxlen}))


def _ordered(items: Iterable[Any]) -> list[Any]:
    """The elements of a set in an order that is the same in every process, where that costs no code of theirs."""
    elements = list(items)
    return sorted(elements) if {type(element) for element in elements} in ({str}, {int}) else elements


def _make_restorer(kind: Callable[[list[Any]], Any]) -> Restorer:
    return lambda data, note, reader: kind(reader.read_items(data, note))


def _make_hashed_restorer(kind: Callable[[list[Any]], Any]) -> Restorer:
    """A set of them, or the list where one of them has become a thing that no set takes, such as a dict."""

    def restore(data: Any, note: dict[str, Any], reader: Reader) -> Any:
        elements = reader.read_items(data, note)
        try:
            return kind(elements)
        except TypeError:
            return elements

    return restore


def _restore_deque(data: Any, note: dict[str, Any], reader: Reader) -> deque[Any]:
    maxlen = note.get("maxlen")
    return deque(reader.read_items(data, note), maxlen if isinstance(maxlen, int) and maxlen >= 0 else None)


HANDLERS: Final[dict[type, Handler]] = {
    list: write_list,
    tuple: write_tuple,
    set: write_set,
    frozenset: write_frozenset,
    deque: write_deque,
}

RESTORERS: Final[dict[str | None, Restorer]] = {
    "tuple": _make_restorer(tuple),
    "set": _make_hashed_restorer(set),
    "frozenset": _make_hashed_restorer(frozenset),
    "deque": _restore_deque,
}
