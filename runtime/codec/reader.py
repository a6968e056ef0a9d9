"""The walk from data and notes to a value."""

from collections.abc import Callable, Mapping
from typing import Any

from runtime.codec.classes import ReachableClasses
from runtime.codec.mismatch import MismatchError
from runtime.codec.note import AS, EACH, Note, child_notes, is_none

Restorer = Callable[[Any, dict[str, Any], "Reader"], Any]
"""Makes the values of one kind: takes data, note, and the reader for its parts."""

_NOTHING: dict[str, Any] = {}


class MalformedError(Exception):
    """Raised when data and notes don't belong together, or are of a kind that this version does not know."""


class Reader:
    """Restores the values of one decoding.

    Args:
        restorers: by kind; None is the kind of natural lists and objects.
        reach: the classes that may be restored.
    """

    __slots__ = ("_reach", "_restorers", "_unknown")

    def __init__(self, restorers: Mapping[str | None, Restorer], reach: ReachableClasses) -> None:
        self._restorers = restorers
        self._reach = reach
        self._unknown: tuple[str, ...] = ()

    @property
    def has_classes(self) -> bool:
        """Whether there is any class that may be restored."""
        return not self._reach.is_empty

    def find_class(self, name: Any) -> type | None:
        """The class of that name, if it is one that may be restored."""
        if name in self._unknown or not isinstance(name, str):
            return None
        found = self._reach.find_class(name)
        if found is None:
            self._unknown += (name,)
        return found

    def read_node(self, data: Any, note: Note) -> Any:
        """The value of a node.

        Raises:
            MalformedError: the note does not belong to the data.
            MismatchError: a part does not fit its class.
            Exception: whatever a class's own code raises.
        """
        if note is None:
            return data
        if data is None and is_none(data, note):
            return None
        try:
            kind, facts = (note, _NOTHING) if isinstance(note, str) else (note.get(AS), note)
            restore = self._restorers[kind]
        except (KeyError, AttributeError, TypeError):
            raise MalformedError("is of a kind that this version does not know") from None
        return restore(data, facts, self)

    def read_items(self, data: Any, note: dict[str, Any]) -> list[Any]:
        """The elements of a list.

        Raises:
            As `read_node` does; MalformedError too when it is no list.
        """
        if not isinstance(data, list):
            raise MalformedError("has a note that does not belong to it")
        each, at = note.get(EACH), child_notes(note)
        if each is None and not at:
            return data
        values: list[Any] = []
        try:
            for item in data:
                key = str(len(values)) if at else ""
                values.append(self.read_node(item, at.get(key, each)))
        except MismatchError as error:
            raise error.add_place(str(len(values))) from None
        return values

    def read_members(self, data: Any, note: dict[str, Any]) -> dict[str, Any]:
        """The members of an object, by key.

        Raises:
            As `read_node` does; MalformedError too when it is no object.
        """
        if not isinstance(data, dict):
            raise MalformedError("has a note that does not belong to it")
        each, at = note.get(EACH), child_notes(note)
        if each is None and not at:
            return data
        values: dict[str, Any] = {}
        key = ""
        try:
            for key, item in data.items():
                values[key] = self.read_node(item, at.get(key, each))
        except MismatchError as error:
            raise error.add_place(key) from None
        return values
