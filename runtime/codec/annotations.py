"""Annotations that pydantic does not know, or reads in another way than a value arrives: put so that it takes it."""

import dataclasses
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, MutableSequence, Reversible
from collections.abc import Set as AbstractSet
from datetime import timezone
from enum import Enum
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, Discriminator, Field, InstanceOf, Json

from runtime.codec.bases import Base, base_of, is_base
from runtime.codec.classes import aliased

#: Classes that travel and that pydantic has no schema for.
_INSTANCES: Final = (range, memoryview, bytearray, timezone, MappingProxyType)

#: For type checkers `Json` is no class.
_JSON: Final[Any] = Json

_SEQUENCES: Final = (list, tuple, deque)
_SETS: Final = (set, frozenset)

#: What only says how a collection is used, and the collections that it may be: pydantic would make one kind of all of
#: them, or knows none.
_ABSTRACT: Final[dict[Any, tuple[type, ...]]] = {
    Iterable: (*_SEQUENCES, *_SETS),
    Collection: (*_SEQUENCES, *_SETS),
    Reversible: _SEQUENCES,
    MutableSequence: (list, deque),
    AbstractSet: _SETS,
}

#: What is in their brackets is no annotation of a value that is read.
_CLOSED: Final = (Literal, Callable, type)


def says_json(part: Any) -> bool:
    """Whether a part of an annotation says that the value is read from JSON within JSON."""
    return part is _JSON or isinstance(part, _JSON)


def readable(annotation: Any, within: tuple[Any, ...] = ()) -> Any:
    """An annotation that takes what arrives.

    Args:
        annotation: as a signature declares it.
        within: the aliases that it is a part of: one may stand for itself.

    Returns:
        The same, but that `Json` also takes what the text says, which is what a value made of it is; that classes
        that pydantic does not know, and objects whose class would validate them again, are taken as they are; that an
        iterator is read from a list; and that text stays text where a union has `str`, whatever else it might mean.
    """
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _annotated(annotation, args[0], within)
    if origin is None:
        return _class(annotation) if isinstance(annotation, type) else _named(annotation, within)
    if origin in _CLOSED:
        return annotation
    if origin is MappingProxyType:
        return _instance_of(MappingProxyType)
    if origin in _ABSTRACT:
        return _abstract(annotation, origin, tuple(readable(arg, within) for arg in args))
    return _rebuilt(annotation, origin, tuple(readable(arg, within) for arg in args))


def _rebuilt(annotation: Any, origin: Any, parts: tuple[Any, ...]) -> Any:
    if origin is Iterator:
        return _applied(Iterable, parts)
    if origin in (Union, UnionType):
        origin, parts = Union, tuple(sorted(parts, key=lambda part: part is not str))
    if all(new is old for new, old in zip(parts, get_args(annotation), strict=True)):
        return annotation
    return _applied(origin, parts)


def _abstract(annotation: Any, origin: Any, parts: tuple[Any, ...]) -> Any:
    kinds = tuple(_of(kind, parts) for kind in _ABSTRACT[origin])
    taken = _applied(Annotated, (_applied(Union, kinds), Field(union_mode="smart")))
    return _first_of(taken, annotation) if origin is Iterable else taken  # text and dicts are iterables, too


def _of(kind: Any, parts: tuple[Any, ...]) -> Any:
    if not parts:
        return kind
    return _applied(kind, (*parts, ...) if kind is tuple else parts)


def _annotated(annotation: Any, inner: Any, within: tuple[Any, ...]) -> Any:
    metadata = annotation.__metadata__
    if any(isinstance(part, Discriminator) or getattr(part, "discriminator", None) for part in metadata):
        return _discriminated(annotation, inner)
    new = readable(inner, within)
    if any(map(says_json, metadata)):
        return _first_of(annotation, new)
    return annotation if new is inner else _applied(Annotated, (new, *metadata))


def _discriminated(annotation: Any, union: Any) -> Any:
    """A union by a discriminator has to see the models themselves."""
    models = [get_args(part)[0] if get_origin(part) is Annotated else part for part in get_args(union)]
    taken = tuple(_instance_of(cls) for cls in models if isinstance(cls, type) and _validates_again(cls))
    return _first_of(_applied(Union, taken), annotation) if taken else annotation


def _named(annotation: Any, within: tuple[Any, ...]) -> Any:
    """A NewType or an alias, for what it stands for if that makes a difference."""
    meaning = getattr(annotation, "__supertype__", None) or aliased(annotation)
    if meaning is None or annotation in within:
        return annotation
    new = readable(meaning, (*within, annotation))
    return annotation if new is meaning else new


def _class(cls: type) -> Any:
    if cls is _JSON:
        return _first_of(cls, Any)
    if cls in _ABSTRACT:
        return _abstract(cls, cls, ())
    if cls in _INSTANCES:
        return _instance_of(cls)
    if _validates_again(cls):
        return _as_it_is_or(cls, cls)
    base = base_of(cls)
    return cls if base is None or _known(cls) else _as_it_is_or(cls, _derived(cls, base))


def _validates_again(cls: type) -> bool:
    """Whether pydantic would run validators on what the class has made before."""
    if issubclass(cls, BaseModel) or dataclasses.is_dataclass(cls):
        config: Any = getattr(cls, "model_config", None) or getattr(cls, "__pydantic_config__", None) or {}
        decorators: Any = getattr(cls, "__pydantic_decorators__", None)
        around = decorators.model_validators.values() if decorators else ()
        always = config.get("revalidate_instances", "never") != "never"
        return always or any(validator.info.mode != "before" for validator in around)
    theirs = hasattr(cls, "__get_pydantic_core_schema__") and not cls.__module__.startswith("pydantic")
    return theirs or hasattr(cls, "_fields")


def _as_it_is_or(cls: type, annotation: Any) -> Any:
    """Takes an instance as it is, and reads all else by an annotation."""
    # A validator around the annotation would say it shorter, but a union prefers whatever one has made.
    return _first_of(_instance_of(cls), annotation)


def _derived(cls: type, base: Base) -> Any:
    made = AfterValidator(lambda value: base.made(cls, value))
    kind = dict if base.type is defaultdict else base.type  # which pydantic wants to be told the factory of
    return _applied(Annotated, (kind, made))


def _known(cls: type) -> bool:
    """Whether pydantic has a schema for a class that derives from a builtin or standard type."""
    named = any(hasattr(cls, name) for name in ("_fields", "__total__", "__get_pydantic_core_schema__"))
    return named or is_base(cls) or cls is bool or issubclass(cls, Enum)


def _first_of(one: Any, other: Any) -> Any:
    return _applied(Annotated, (_applied(Union, (one, other)), Field(union_mode="left_to_right")))


def _instance_of(cls: Any) -> Any:
    return _applied(InstanceOf, cls)


def _applied(form: Any, args: Any) -> Any:
    """`form[args]`, of what only the running program knows."""
    return form[args]
