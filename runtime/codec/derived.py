"""Instances of classes that derive from a builtin or standard type. JSON shows the value of that type."""

from typing import Any, Final

from runtime.codec.attributes import attributes
from runtime.codec.bases import Base, base_of
from runtime.codec.note import AS, AT, CLASS, DATA, MORE, OF, TYPES, Node
from runtime.codec.reader import Reader, Restorer
from runtime.codec.refusal import RefusedError
from runtime.codec.shapes import class_name
from runtime.codec.writer import Handler, Writer


def writer_of_derived(base: Base) -> Handler:
    """Writes instances of classes that derive from a type."""

    def write(value: Any, writer: Writer, depth: int) -> Node:
        cls: type = type(value)
        within = _base_value(base, value)
        data, of = writer.write_node(within, depth)
        note = {AS: "derived", CLASS: class_name(cls), **({OF: of} if of else {})}
        known = attributes(within)
        own = {name: item for name, item in attributes(value).items() if name not in known}
        try:
            return data, {**note, **_own_attributes(value, own, writer, depth)} if own else note
        except RefusedError as error:
            if error.deep:
                raise
            return data, of  # such as text that knows the document it is from: it arrives as text

    return write


def _base_value(base: Base, value: Any) -> Any:
    """The value that an instance is.

    Raises:
        RefusedError: the instance is more than that, such as a moment in nanoseconds.
    """
    if not base.exact:
        return base.within(value)
    try:
        within = base.within(value)
        whole = bool(within == value) or within != within
    except (ValueError, TypeError, ArithmeticError):
        whole = False
    if not whole:
        raise RefusedError(value, f"take the {base.type.__name__} that is in it")
    return within


def _own_attributes(value: Any, own: dict[str, Any], writer: Writer, depth: int) -> dict[str, Any]:
    data, notes = writer.without_lazy().write_members(value, own.items(), depth)
    return {MORE: {DATA: data, TYPES: {AT: notes}}}


def _restore(data: Any, note: dict[str, Any], reader: Reader) -> Any:
    """An instance of the class, made without code of its own; the value that it is where it may not be restored."""
    within = reader.read_node(data, note.get(OF))
    cls = reader.find_class(note.get(CLASS))
    base = base_of(cls) if cls is not None else None
    if base is None or type(within) is not base.type:
        return within
    value = base.make_instance(cls, within)
    more = note.get(MORE)
    for name, item in (reader.read_node(more[DATA], more[TYPES]) if more else {}).items():
        object.__setattr__(value, name, item)
    return value


RESTORERS: Final[dict[str | None, Restorer]] = {"derived": _restore}
