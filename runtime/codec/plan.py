"""How the objects of one class are written: by which keys, what foreign readers don't get to see, and where the class
itself says what its JSON looks like."""

import dataclasses
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, get_args

from pydantic import BaseModel, PlainSerializer, RootModel, TypeAdapter, WrapSerializer
from pydantic.fields import FieldInfo

from runtime.codec.note import AS, CLASS, SHAPE
from runtime.codec.shapes import KEPT, class_name, fields_of, shape_of

NAMES: Final = "names"
"""Names of fields by the keys that stand for them, where they differ."""

COMPUTED: Final = "computed"
"""Keys of what the class computes: no part of an object's state."""

WHOLE: Final = "whole"
"""Says that the data is what the class makes of the whole object, and shows nothing of its state."""

#: Members of a note that says no more than which class made an object of natural JSON.
BARE: Final = 3


@dataclasses.dataclass(frozen=True, slots=True)
class ObjectPlan:
    """What is the same for all objects of a class.

    Attributes:
        kind: `model`, `root` or `dataclass`; empty for what is neither.
        note: what their notes have in common.
        shape: a digest of its fields.
        order: the names of all fields.
        names: the same, as a set.
        shown: name and key of the fields that JSON shows as they are.
        hidden: names of the fields that it does not show so.
        computed: name and key of what the class computes, as far as JSON shows it as it is.
        shaped: name and key of what a serializer of the class's own makes JSON of.
        taken: all keys.
        whole: whether a serializer of the class's own makes JSON of the whole object.
        extra: whether it takes more than its fields.
        private: whether it has private attributes.
        bare: whether it is a model whose state is that of its fields, all shown by name.
    """

    kind: str
    note: dict[str, Any]
    shape: str
    order: tuple[str, ...]
    names: frozenset[str]
    shown: tuple[tuple[str, str], ...]
    hidden: tuple[str, ...]
    computed: tuple[tuple[str, str], ...]
    shaped: tuple[tuple[str, str], ...]
    taken: frozenset[str]
    whole: bool
    extra: bool
    private: bool
    bare: bool


@lru_cache(KEPT)
def plan_of(cls: type) -> ObjectPlan:
    """The plan for the objects of a model or dataclass."""
    infos: dict[str, FieldInfo] = getattr(cls, "__pydantic_fields__", {})
    decorators: Any = getattr(cls, "__pydantic_decorators__", None)
    whole = bool(decorators and decorators.model_serializers)
    fields, computed = _choose_keys(list(fields_of(cls)), infos, decorators)
    shaped = set() if whole else _shaped_names({**fields, **computed}, infos, decorators)
    hidden = {name for name in fields if whole or (name in infos and infos[name].exclude)}
    note = _note(cls, fields, computed, whole=whole)
    extra = getattr(cls, "model_config", {}).get("extra") == "allow"
    private = bool(getattr(cls, "__private_attributes__", None))
    return ObjectPlan(
        kind=_kind(cls),
        note=note,
        shape=note[SHAPE],
        order=tuple(fields),
        names=frozenset(fields),
        shown=tuple((name, key) for name, key in fields.items() if name not in hidden | shaped),
        hidden=tuple(name for name in fields if name in hidden | shaped),
        computed=tuple((name, key) for name, key in computed.items() if name not in shaped and not whole),
        shaped=tuple((name, key) for name, key in {**fields, **computed}.items() if name in shaped - hidden),
        taken=frozenset((*fields.values(), *computed.values())),
        whole=whole,
        extra=extra,
        private=private,
        bare=_kind(cls) == "model" and not extra and not private and not hidden | shaped and len(note) == BARE,
    )


def _note(cls: type, fields: dict[str, str], computed: dict[str, str], *, whole: bool) -> dict[str, Any]:
    note: dict[str, Any] = {AS: "object", CLASS: class_name(cls), SHAPE: shape_of(cls)}
    if whole:
        return {**note, WHOLE: True}
    names = {key: name for name, key in fields.items() if name != key}
    if names:
        note[NAMES] = names
    if computed:
        note[COMPUTED] = list(computed.values())
    return note


def _kind(cls: type) -> str:
    if issubclass(cls, RootModel):
        return "root"
    if issubclass(cls, BaseModel):
        return "model"
    return "dataclass" if dataclasses.is_dataclass(cls) else ""


@lru_cache(KEPT)
def adapter_of(cls: type) -> TypeAdapter[Any] | None:
    """How pydantic itself writes and reads a class; None where it can't."""
    try:
        return TypeAdapter(cls)
    except Exception:  # noqa: BLE001 - a class may say in code of its own how it is read
        return None


def _choose_keys(
    names: list[str], infos: dict[str, FieldInfo], decorators: Any
) -> tuple[dict[str, str], dict[str, str]]:
    """Keys by name, of the fields and of what is computed: aliases, or names where two would have one key."""
    fields = {name: (infos[name].serialization_alias if name in infos else None) or name for name in names}
    found = decorators.computed_fields if decorators else {}
    computed = {name: decorator.info.alias or name for name, decorator in found.items()}
    keys = [*fields.values(), *computed.values()]
    if len(set(keys)) < len(keys):
        return {name: name for name in names}, {name: name for name in computed if name not in fields}
    return fields, computed


def _shaped_names(names: Iterable[str], infos: dict[str, FieldInfo], decorators: Any) -> set[str]:
    serializers = decorators.field_serializers.values() if decorators else ()
    declared = {name for serializer in serializers for name in serializer.info.fields}
    return {name for name in names if name in declared or "*" in declared or _is_shaped(infos.get(name))}


def _is_shaped(info: FieldInfo | None) -> bool:
    if info is None:
        return False
    return getattr(info, "exclude_if", None) is not None or _has_serializer((info.annotation, *info.metadata))


def _has_serializer(parts: Iterable[Any]) -> bool:
    return any(isinstance(part, PlainSerializer | WrapSerializer) or _has_serializer(get_args(part)) for part in parts)
