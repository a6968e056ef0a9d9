"""NamedTuples. JSON shows them as lists, as pydantic does."""

from typing import Any, Final

from pydantic import ValidationError

from runtime.codec.mismatch import MismatchError
from runtime.codec.note import AS, CLASS, SHAPE, Node
from runtime.codec.reader import Reader, Restorer
from runtime.codec.remaking import remake
from runtime.codec.shapes import class_name, shape_of
from runtime.codec.writer import Writer


def write_named_tuple(value: Any, writer: Writer, depth: int) -> Node:
    """`namedtuple`."""
    cls: type = type(value)
    data, children = writer.write_elements(value, tuple.__iter__(value), depth)
    return data, {AS: "namedtuple", CLASS: class_name(cls), SHAPE: shape_of(cls), **children}


def _restore(data: Any, note: dict[str, Any], reader: Reader) -> Any:
    """A NamedTuple, by position; a tuple where its class may not be restored."""
    items = tuple(reader.read_items(data, note))
    cls = reader.find_class(note.get(CLASS))
    if cls is None or not issubclass(cls, tuple):
        return items
    if note.get(SHAPE) == shape_of(cls) and len(items) == len(getattr(cls, "_fields", ())):
        return tuple.__new__(cls, items)
    try:
        return remake(cls, items)
    except ValidationError as error:
        raise MismatchError(error) from None


RESTORERS: Final[dict[str | None, Restorer]] = {"namedtuple": _restore}
