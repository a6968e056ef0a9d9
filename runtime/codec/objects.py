"""Takes models and dataclasses apart: their state as it is, so that it can be set again without running their code."""

import dataclasses
from functools import cached_property
from typing import Any

from pydantic import BaseModel, RootModel
from pydantic_core import PydanticUndefined

from runtime.codec.attributes import attributes
from runtime.codec.draft import UNSET, Draft
from runtime.codec.note import Node
from runtime.codec.plan import plan_of
from runtime.codec.writer import Writer


def write_model(model: BaseModel, writer: Writer, depth: int) -> Node:
    """A model: its fields as an object, its private attributes in the note.

    Raises:
        RefusedError: a part of it can't travel.
        Exception: what a serializer or a property of the user's own raises.
    """
    plan, known = plan_of(type(model)), model.__pydantic_fields_set__
    draft = Draft(model, plan, writer, depth)
    if not plan.names <= known:
        draft.add_fact(UNSET, [name for name in plan.order if name not in known])
    draft.add_fields(model.__dict__)
    if model.__pydantic_extra__:
        draft.add_extras(model.__pydantic_extra__)
    if model.__pydantic_private__:
        draft.add_private(model.__pydantic_private__, _defaults(type(model)))
    return draft.finish()


def write_dataclass(value: Any, writer: Writer, depth: int) -> Node:
    """A dataclass: its fields as an object, whatever else it holds in the note.

    Raises:
        RefusedError: a part of it can't travel.
        Exception: what a serializer or a property of the user's own raises.
    """
    cls: type = type(value)
    state = _state(value)
    draft = Draft(value, plan_of(cls), writer, depth)
    draft.add_fields(state)
    beside = {
        name: item
        for name, item in state.items()
        if name not in plan_of(cls).names and not _is_cached_property(cls, name)
    }
    if beside:
        draft.add_private(beside, ())
    return draft.finish()


def write_root(model: RootModel[Any], writer: Writer, depth: int) -> Node:
    """`root`: a root model, in JSON no other than what it holds.

    Raises:
        RefusedError: a part of it can't travel.
        Exception: what a serializer of the user's own raises.
    """
    draft = Draft(model, plan_of(type(model)), writer, depth)
    if "root" not in model.__pydantic_fields_set__:
        draft.add_fact(UNSET, ["root"])
    if model.__pydantic_private__:
        draft.add_private(model.__pydantic_private__, _defaults(type(model)))  # type: ignore[unreachable]  # its types say None
    return draft.finish_root(model.root)


def _defaults(cls: type[BaseModel]) -> list[str]:
    """The names of private attributes that have a default."""
    private = cls.__private_attributes__.items()
    return [name for name, own in private if own.default is not PydanticUndefined or own.default_factory is not None]


def _state(value: Any) -> dict[str, Any]:
    """All attributes of a dataclass, by name, but what Python adds of its own."""
    defaults = {
        field.name: field.default for field in dataclasses.fields(value) if field.default is not dataclasses.MISSING
    }
    return {**defaults, **attributes(value)}


def _is_cached_property(cls: type, name: str) -> bool:
    return isinstance(getattr(cls, name, None), cached_property)
