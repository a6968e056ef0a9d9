"""The walk from a value to data and notes: who writes what, and what every container does with its children."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from runtime.codec.collapse import collapse_notes
from runtime.codec.note import Node, Note
from runtime.codec.refusal import MAX_DEPTH, RefusedError, key_place

Handler = Callable[[Any, "Writer", int], Node]
"""Writes values of one type: takes the value, the writer for its parts, and the level that it is on."""


class Writer:
    """Knows a handler for every type.

    Args:
        exact: handlers by type: a dict, so that common values cost one look.
        found: the handler of any other type.
        lazy: whether lazy values may be read, which uses them up; else they are refused.
    """

    __slots__ = ("_exact", "_found", "lazy")

    def __init__(self, exact: Mapping[type, Handler], found: Callable[[type], Handler], *, lazy: bool = True) -> None:
        self._exact = exact
        self._found = found
        self.lazy = lazy

    def write_node(self, value: Any, depth: int) -> Node:
        """Data and note of a value.

        Args:
            value: anything.
            depth: levels above it.

        Raises:
            RefusedError: it can't travel.
        """
        kind = type(value)
        return (self._exact.get(kind) or self._found(kind))(value, self, depth)

    def without_lazy(self) -> "Writer":
        """A writer that uses nothing up: for state that nobody handed over, such as private attributes."""
        return Writer(self._exact, self._found, lazy=False)

    def write_elements(self, holder: Any, items: Iterable[Any], depth: int) -> tuple[list[Any], dict[str, Any]]:
        """The elements of a list-like.

        Args:
            holder: the list-like, for messages about a part of it.
            items: its elements; what iterating them raises goes through.
            depth: levels above the list-like.

        Returns:
            Their data, and their notes as part of the list-like's own note.

        Raises:
            RefusedError: one of them can't travel.
        """
        check_depth(holder, depth)
        data: list[Any] = []
        notes: dict[int, Note] = {}
        for item in items:
            if type(item) is str and item.isascii():  # what most things are, without a call
                data.append(item)
                continue
            try:
                part, note = self.write_node(item, depth + 1)
            except RefusedError as error:
                raise error.add_place(holder, f"[{len(data)}]") from None
            if note is not None:
                notes[len(data)] = note
            data.append(part)
        return data, collapse_notes(enumerate(data), notes) if notes else {}

    def write_members(
        self, holder: Any, items: Iterable[tuple[str, Any]], depth: int
    ) -> tuple[dict[str, Any], dict[str, Note]]:
        """The members of a dict-like, by text keys.

        Args:
            holder: the dict-like, for messages about a part of it.
            items: its keys and values.
            depth: levels above the dict-like.

        Returns:
            Their data, and the notes of those that have one.

        Raises:
            RefusedError: one of them can't travel.
        """
        check_depth(holder, depth)
        data: dict[str, Any] = {}
        notes: dict[str, Note] = {}
        for key, item in items:
            if type(item) is str and item.isascii():  # what most things are, without a call
                data[key] = item
                continue
            try:
                data[key], note = self.write_node(item, depth + 1)
            except RefusedError as error:
                raise error.add_place(holder, key_place(key)) from None
            if note is not None:
                notes[key] = note
        return data, notes


def check_depth(holder: Any, depth: int) -> None:
    """Raises RefusedError when a container lies too deep, as one does that contains itself."""
    if depth >= MAX_DEPTH:
        raise RefusedError(holder, deep=True)
