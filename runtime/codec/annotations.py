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
from runtime.codec.classes import resolve_alias

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


def is_json_marker(part: Any) -> bool:
    """Whether a part of an annotation says that the value is read from JSON within JSON."""
    return part is _JSON or isinstance(part, _JSON)


def make_readable(annotation: Any, within: tuple[Any, ...] = ()) -> Any:
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
        return _readable_annotated(annotation, args[0], within)
    if origin is None:
        return _readable_class(annotation) if isinstance(annotation, type) else _readable_alias(annotation, within)
    if origin in _CLOSED:
        return annotation
    if origin is MappingProxyType:
        return _instance_of(MappingProxyType)
    if origin in _ABSTRACT:
        return _readable_abstract(annotation, origin, tuple(make_readable(arg, within) for arg in args))
    return _rebuild(annotation, origin, tuple(make_readable(arg, within) for arg in args))


def _rebuild(annotation: Any, origin: Any, parts: tuple[Any, ...]) -> Any:
    if origin is Iterator:
        return _subscript(Iterable, parts)
    if origin in (Union, UnionType):
        origin, parts = Union, tuple(sorted(parts, key=lambda part: part is not str))
    if all(new is old for new, old in zip(parts, get_args(annotation), strict=True)):
        return annotation
    return _subscript(origin, parts)


def _readable_abstract(annotation: Any, origin: Any, parts: tuple[Any, ...]) -> Any:
    kinds = tuple(_parametrize(kind, parts) for kind in _ABSTRACT[origin])
    taken = _subscript(Annotated, (_subscript(Union, kinds), Field(union_mode="smart")))
    return _left_to_right_union(taken, annotation) if origin is Iterable else taken  # text and dicts are iterables, too


def _parametrize(kind: Any, parts: tuple[Any, ...]) -> Any:
    if not parts:
        return kind
    return _subscript(kind, (*parts, ...) if kind is tuple else parts)


def _readable_annotated(annotation: Any, inner: Any, within: tuple[Any, ...]) -> Any:
    metadata = annotation.__metadata__
    if any(isinstance(part, Discriminator) or getattr(part, "discriminator", None) for part in metadata):
        return _readable_discriminated(annotation, inner)
    new = make_readable(inner, within)
    if any(map(is_json_marker, metadata)):
        return _left_to_right_union(annotation, new)
    return annotation if new is inner else _subscript(Annotated, (new, *metadata))


def _readable_discriminated(annotation: Any, union: Any) -> Any:
    """A union by a discriminator has to see the models themselves."""
    models = [get_args(part)[0] if get_origin(part) is Annotated else part for part in get_args(union)]
    taken = tuple(_instance_of(cls) for cls in models if isinstance(cls, type) and _is_revalidated(cls))
    return _left_to_right_union(_subscript(Union, taken), annotation) if taken else annotation


def _readable_alias(annotation: Any, within: tuple[Any, ...]) -> Any:
    """A NewType or an alias, for what it stands for if that makes a difference."""
    meaning = getattr(annotation, "__supertype__", None) or resolve_alias(annotation)
    if meaning is None or annotation in within:
        return annotation
    new = make_readable(meaning, (*within, annotation))
    return annotation if new is meaning else new


def _readable_class(cls: type) -> Any:
    if cls is _JSON:
        return _left_to_right_union(cls, Any)
    if cls in _ABSTRACT:
        return _readable_abstract(cls, cls, ())
    if cls in _INSTANCES:
        return _instance_of(cls)
    if _is_revalidated(cls):
        return _instance_or(cls, cls)
    base = base_of(cls)
    return cls if base is None or _has_schema(cls) else _instance_or(cls, _readable_derived(cls, base))


def _is_revalidated(cls: type) -> bool:
    """Whether pydantic would run validators on what the class has made before."""
    if issubclass(cls, BaseModel) or dataclasses.is_dataclass(cls):
        config: Any = getattr(cls, "model_config", None) or getattr(cls, "__pydantic_config__", None) or {}
        decorators: Any = getattr(cls, "__pydantic_decorators__", None)
        around = decorators.model_validators.values() if decorators else ()
        always = config.get("revalidate_instances", "never") != "never"
        return always or any(validator.info.mode != "before" for validator in around)
    theirs = hasattr(cls, "__get_pydantic_core_schema__") and not cls.__module__.startswith("pydantic")
    return theirs or hasattr(cls, "_fields")


def _instance_or(cls: type, annotation: Any) -> Any:
    """Takes an instance as it is, and reads all else by an annotation."""
    # A validator around the annotation would say it shorter, but a union prefers whatever one has made.
    return _left_to_right_union(_instance_of(cls), annotation)


def _readable_derived(cls: type, base: Base) -> Any:
    made = AfterValidator(lambda value: base.make_instance(cls, value))
    kind = dict if base.type is defaultdict else base.type  # which pydantic wants to be told the factory of
    return _subscript(Annotated, (kind, made))


def _has_schema(cls: type) -> bool:
    """Whether pydantic has a schema for a class that derives from a builtin or standard type."""
    named = any(hasattr(cls, name) for name in ("_fields", "__total__", "__get_pydantic_core_schema__"))
    return named or is_base(cls) or cls is bool or issubclass(cls, Enum)


def _left_to_right_union(one: Any, other: Any) -> Any:
    return _subscript(Annotated, (_subscript(Union, (one, other)), Field(union_mode="left_to_right")))


def _instance_of(cls: Any) -> Any:
    return _subscript(InstanceOf, cls)


def _subscript(form: Any, args: Any) -> Any:
    """`form[args]`, of what only the running program knows."""
    return form[args]
