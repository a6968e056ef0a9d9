"""Annotations that pydantic does not know, or reads in another way than a value arrives: put so that it takes it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import timezone
from enum import Enum
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import AfterValidator, Discriminator, Field, InstanceOf, Json

from runtime.codec.bases import Base, base_of, is_base

#: Classes that travel and that pydantic has no schema for.
_INSTANCES: Final = (range, memoryview, bytearray, timezone, MappingProxyType)

#: For type checkers `Json` is no class.
_JSON: Final[Any] = Json

#: What is in their brackets is no annotation of a value that is read.
_CLOSED: Final = (Literal, Callable, type)


def readable(annotation: Any) -> Any:
    """An annotation that takes what arrives.

    Args:
        annotation: as a signature declares it.

    Returns:
        The same, but that `Json` also takes what the text says, which is what a value made of it is; that classes
        that pydantic does not know, and models that would validate themselves again, are taken as they are; that an
        iterator is read from a list; and that text stays text where a union has `str`, whatever else it might mean.
    """
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _annotated(annotation, args[0], annotation.__metadata__)
    if origin is None:
        return _class(annotation)
    if origin in _CLOSED:
        return annotation
    if origin is MappingProxyType:
        return _instance_of(MappingProxyType)
    within = tuple(readable(arg) for arg in args)
    if origin is Iterator:
        return _applied(Iterable, within)
    if origin in (Union, UnionType):
        origin, within = Union, tuple(sorted(within, key=lambda arg: arg is not str))
    if all(new is old for new, old in zip(within, args, strict=True)):
        return annotation
    return _applied(origin, within)


def _annotated(annotation: Any, inner: Any, metadata: tuple[Any, ...]) -> Any:
    if any(isinstance(part, Discriminator) or getattr(part, "discriminator", None) for part in metadata):
        return annotation  # it wants to see the models themselves
    within = readable(inner)
    if any(part is _JSON or isinstance(part, _JSON) for part in metadata):
        return _first_of(annotation, within)
    return annotation if within is inner else _applied(Annotated, (within, *metadata))


def _class(annotation: Any) -> Any:
    if annotation is _JSON:
        return _first_of(annotation, Any)
    if not isinstance(annotation, type):
        return annotation
    if annotation in _INSTANCES:
        return _instance_of(annotation)
    if _revalidates(annotation) or hasattr(annotation, "_fields"):
        return _first_of(_instance_of(annotation), annotation)
    base = base_of(annotation)
    return annotation if base is None or _known(annotation) else _derived(annotation, base)


def _revalidates(cls: type) -> bool:
    """Whether a model or dataclass would run its validators again on what it has made, as a NamedTuple does."""
    config = getattr(cls, "model_config", None) or getattr(cls, "__pydantic_config__", None) or {}
    return bool(config.get("revalidate_instances", "never") != "never")


def _derived(cls: type, base: Base) -> Any:
    made = AfterValidator(lambda value: base.made(cls, value))
    kind = dict if base.type is defaultdict else base.type  # which pydantic wants to be told the factory of
    return _first_of(_instance_of(cls), _applied(Annotated, (kind, made)))


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
