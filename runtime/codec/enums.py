"""Members of enumerations, by their value; by their name where the value can't travel."""

from enum import Enum
from typing import Any, Final

from runtime.codec.note import AS, CLASS, OF, Node, note_for_null
from runtime.codec.reader import Reader, Restorer
from runtime.codec.refusal import RefusedError
from runtime.codec.shapes import class_name
from runtime.codec.writer import Writer

_BY_NAME: Final = "by_name"


def write_enum(member: Enum, writer: Writer, depth: int) -> Node:
    """`enum`: JSON has the value alone."""
    note: dict[str, Any] = {AS: "enum", CLASS: class_name(type(member))}
    try:
        data, of = writer.without_lazy().write_node(member.value, depth + 1)
    except RefusedError:
        return member.name, {**note, _BY_NAME: True}
    if of is not None:
        note[OF] = of
    return data, note_for_null(data, note)


def restore_enum(data: Any, note: dict[str, Any], reader: Reader) -> Any:
    """The member; its value where its class may not be restored, or has no such member any more."""
    value = reader.read_node(data, note.get(OF))
    cls = reader.find_class(note.get(CLASS))
    if cls is None or not issubclass(cls, Enum):
        return value
    try:
        return cls[value] if note.get(_BY_NAME) else cls(value)
    except (ValueError, KeyError, TypeError):
        return value


RESTORERS: Final[dict[str | None, Restorer]] = {"enum": restore_enum}
