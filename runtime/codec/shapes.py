"""How a class is named, and a digest of its fields, which changes when a deploy changes them."""

import dataclasses
import zlib
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Final, ForwardRef, Literal, Union, get_args, get_origin

from pydantic import BaseModel

#: Classes of which facts are kept. The least used are forgotten, or classes that are made on the fly would pile up.
KEPT: Final = 1024


@lru_cache(KEPT)
def class_name(cls: type) -> str:
    """`module:qualified name`, with the arguments of a generic model in brackets."""
    return f"{cls.__module__}:{_local_name(cls, full=True)}"


@lru_cache(KEPT)
def shape_of(cls: type) -> str:
    """Eight hexadecimal digits that stand for the names and types of a class's fields, in order.

    Names of modules don't count: a script's classes are in `__main__` there, and elsewhere for those that import it.
    """
    fields = ";".join(f"{name}:{_type_name(annotation)}" for name, annotation in fields_of(cls).items())
    return f"{zlib.crc32(fields.encode('utf-8', 'surrogatepass')):08x}"


def fields_of(cls: type) -> dict[str, Any]:
    """The declared types of what an instance is made of, by name: those of a model, a dataclass or a NamedTuple."""
    if issubclass(cls, BaseModel):
        return {name: field.annotation for name, field in cls.__pydantic_fields__.items()}
    if dataclasses.is_dataclass(cls):
        return {field.name: field.type for field in dataclasses.fields(cls)}
    types = getattr(cls, "__annotations__", {})
    return {name: types.get(name, Any) for name in getattr(cls, "_fields", ())}


def _local_name(cls: type, *, full: bool) -> str:
    generic = getattr(cls, "__pydantic_generic_metadata__", None) or {}
    origin, args = generic.get("origin"), generic.get("args", ())
    if origin is None:
        return cls.__qualname__
    return f"{origin.__qualname__}[{','.join(_type_name(arg, full=full) for arg in args)}]"


def _type_name(annotation: Any, *, full: bool = False) -> str:
    """A type as text that is the same in every process: a `repr` may hold addresses."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _type_name(get_args(annotation)[0], full=full)
    if origin is Literal:
        return f"Literal[{','.join(map(repr, get_args(annotation)))}]"
    if origin is not None:
        name = "Union" if origin in (Union, UnionType) else _type_name(origin, full=full)
        return f"{name}[{','.join(_type_name(arg, full=full) for arg in get_args(annotation))}]"
    if isinstance(annotation, type):
        return (f"{annotation.__module__}:" if full else "") + _local_name(annotation, full=full)
    return _special_name(annotation, full=full)


def _special_name(annotation: Any, *, full: bool) -> str:
    if isinstance(annotation, list | tuple):  # the parameters of a Callable
        return f"[{','.join(_type_name(part, full=full) for part in annotation)}]"
    if isinstance(annotation, ForwardRef):
        return annotation.__forward_arg__
    if isinstance(annotation, str):
        return annotation
    name: Any = getattr(annotation, "__name__", None)
    return name if isinstance(name, str) else type(annotation).__name__
