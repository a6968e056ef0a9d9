"""Instances of classes that derive from a builtin type, NamedTuples among them. JSON shows the builtin value."""

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any, Final

from pydantic import ValidationError

from runtime.codec.attributes import attributes
from runtime.codec.custom import remade
from runtime.codec.misfit import MisfitError
from runtime.codec.note import AS, AT, CLASS, DATA, MORE, OF, SHAPE, TYPES, Node
from runtime.codec.reader import Reader, Restorer
from runtime.codec.refusal import RefusedError
from runtime.codec.shapes import class_name, shape_of
from runtime.codec.writer import Handler, Writer

#: The builtin value within an instance of a subclass, whatever that subclass overrides.
_VALUES: Final[dict[type, Callable[[Any], Any]]] = {
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
    bytes: lambda value: bytes(memoryview(value)),
    bytearray: lambda value: bytearray(memoryview(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    list: lambda value: list(list.__iter__(value)),
    set: lambda value: set(set.__iter__(value)),
    deque: lambda value: deque(deque.__iter__(value), value.maxlen),
    OrderedDict: lambda value: OrderedDict(OrderedDict.items(value)),
    defaultdict: lambda value: defaultdict(value.default_factory, dict.items(value)),
    Counter: lambda value: Counter(dict(dict.items(value))),
    dict: lambda value: dict(dict.items(value)),
}

#: How an empty instance of a subclass takes a builtin value; all others take it when they are made.
_FILLERS: Final[dict[type, Callable[[Any, Any], Any]]] = {
    list: list.extend,
    set: set.update,
    bytearray: bytearray.extend,
    deque: lambda value, base: deque.__init__(value, base, getattr(base, "maxlen", None)),
    OrderedDict: OrderedDict.__init__,
    defaultdict: lambda value, base: defaultdict.__init__(value, getattr(base, "default_factory", None), base),
    Counter: dict.update,
    dict: dict.update,
}


#: Builtin types that deriving from means something for, and what derives from them and is as well known.
BUILTINS: Final = frozenset({*_VALUES, bool})


def derived_from(cls: type) -> type | None:
    """The builtin type that a class derives from, if it does from one that can be taken out of it."""
    return next((base for base in cls.__mro__ if base in _VALUES), None)


def writer_of_derived(base: type) -> Handler:
    """Writes instances of classes that derive from a builtin type."""
    value_in = _VALUES[base]

    def write(value: Any, writer: Writer, depth: int) -> Node:
        cls: type = type(value)
        data, of = writer.node(value_in(value), depth)
        note = {AS: "derived", CLASS: class_name(cls), **({OF: of} if of else {})}
        own = attributes(value)
        try:
            return data, {**note, **_own(value, own, writer, depth)} if own else note
        except RefusedError as error:
            if error.deep:
                raise
            return data, of  # such as text that knows the document it is from: it arrives as text

    return write


def _own(value: Any, own: dict[str, Any], writer: Writer, depth: int) -> dict[str, Any]:
    data, notes = writer.careful().members(value, own.items(), depth)
    return {MORE: {DATA: data, TYPES: {AT: notes}}}


def _restore(data: Any, note: dict[str, Any], reader: Reader) -> Any:
    """An instance of the class, made without code of its own; the builtin value where it may not be restored."""
    base = reader.node(data, note.get(OF))
    cls = reader.find(note.get(CLASS))
    if cls is None or not issubclass(cls, type(base)) or type(base) not in _VALUES:
        return base
    value = made_of(cls, base)
    more = note.get(MORE)
    for name, item in (reader.node(more[DATA], more[TYPES]) if more else {}).items():
        object.__setattr__(value, name, item)
    return value


def made_of(cls: Any, base: Any) -> Any:
    """An instance of a class that derives from a builtin type, with that value, made without code of its own."""
    kind: Any = derived_from(cls)
    if kind not in _FILLERS:
        return kind.__new__(cls, base)
    value = kind.__new__(cls)
    _FILLERS[kind](value, base)
    return value


def write_named(value: Any, writer: Writer, depth: int) -> Node:
    """`namedtuple`."""
    data, children = writer.elements(value, tuple.__iter__(value), depth)
    cls: type = type(value)
    return data, {AS: "namedtuple", CLASS: class_name(cls), SHAPE: shape_of(cls), **children}


def _restore_named(data: Any, note: dict[str, Any], reader: Reader) -> Any:
    """A NamedTuple; a tuple where its class may not be restored."""
    items = tuple(reader.items(data, note))
    cls = reader.find(note.get(CLASS))
    if cls is None or not issubclass(cls, tuple):
        return items
    if note.get(SHAPE) == shape_of(cls) and len(items) == len(getattr(cls, "_fields", ())):
        return tuple.__new__(cls, items)
    try:
        return remade(cls, items)
    except ValidationError as error:
        raise MisfitError(error) from None


RESTORERS: Final[dict[str | None, Restorer]] = {"derived": _restore, "namedtuple": _restore_named}
