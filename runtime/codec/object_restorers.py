"""Puts models and dataclasses together again: sets the state that they had, as long as their class still has it."""

import dataclasses
from copy import deepcopy
from types import MemberDescriptorType
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import PydanticUndefined

from runtime.codec.draft import ABSENT, EXTRA, EXTRAS, FIELDS, PRIVATE, REMADE, UNSET
from runtime.codec.mismatch import MismatchError
from runtime.codec.note import CLASS, DATA, MORE, OF, SHAPE, TYPES
from runtime.codec.plan import BARE, COMPUTED, NAMES, WHOLE, ObjectPlan, plan_of
from runtime.codec.reader import MalformedError, Reader, Restorer
from runtime.codec.remaking import remake

#: What a note may say that makes an object something else than its members.
_SAYS_MORE: Final = frozenset({NAMES, COMPUTED, EXTRA, MORE, WHOLE})

#: Says of a private attribute, since pydantic 2.14 or so, that its factory wants to see what else there is.
_TAKES_OTHERS: Final = "default_factory_takes_validated_data"

#: A model's own would validate, or refuse because it is frozen.
_assign = object.__setattr__


@dataclasses.dataclass(slots=True)
class ObjectState:
    """What an object was made of, by names of fields and attributes."""

    fields: dict[str, Any]
    extra: dict[str, Any]
    private: dict[str, Any]
    computed: dict[str, Any]


def restore_object(data: Any, note: dict[str, Any], reader: Reader) -> Any:
    """A model or a dataclass; a plain dict by names of fields where its class may not be restored.

    Raises:
        MalformedError: data and note don't belong together.
        MismatchError: its class has other fields by now, and does not take it.
        Exception: what a validator of the user's own raises.
    """
    cls = reader.find_class(note.get(CLASS))
    plan = plan_of(cls) if cls is not None else None
    if plan is not None and plan.bare and len(note) == BARE and _is_bare(plan, data, note):
        return _build_model(cls, data, set(plan.names), None, None)
    state = _read_state(data, note, reader)
    if plan is not None and plan.kind == "model":
        return _restore_model(cls, plan, state, note)
    if plan is not None and plan.kind == "dataclass":
        return _restore_dataclass(cls, plan, state, note)
    computed = {} if reader.has_classes else state.computed
    return {**state.extra, **state.fields, **computed}


def restore_root(data: Any, note: dict[str, Any], reader: Reader) -> Any:
    """A root model; what it holds where its class may not be restored.

    Raises:
        As `restore_object` does.
    """
    cls = reader.find_class(note.get(CLASS))
    more = _read_more(note, reader)
    fields = more.get(FIELDS) or {"root": reader.read_node(data, note.get(OF))}
    if cls is None or plan_of(cls).kind != "root":
        return fields.get("root")
    if note.get(SHAPE) == plan_of(cls).shape:
        return _restore_with_state(cls, plan_of(cls), ObjectState(fields, {}, more.get(PRIVATE, {}), {}), note)
    return _remake_or_mismatch(cls, fields.get("root"))


def _is_bare(plan: ObjectPlan, data: Any, note: dict[str, Any]) -> bool:
    """Whether an object is a model's fields in natural JSON and no more, as most are: they cost half of the others."""
    return note.get(SHAPE) == plan.shape and type(data) is dict and data.keys() == plan.names


def _read_state(data: Any, note: dict[str, Any], reader: Reader) -> ObjectState:
    if _SAYS_MORE.isdisjoint(note):
        return ObjectState(reader.read_members(data, note), {}, {}, {})
    members = {} if note.get(WHOLE) else reader.read_members(data, note)
    more = _read_more(note, reader)
    names, computed, extra = note.get(NAMES, {}), note.get(COMPUTED, ()), note.get(EXTRA, ())
    state = ObjectState({}, more.get(EXTRAS, {}), more.get(PRIVATE, {}), {})
    for key, item in members.items():
        if key in computed:
            state.computed[key] = item
        elif key in extra:
            state.extra[key] = item
        else:
            state.fields[names.get(key, key)] = item
    state.fields.update(more.get(FIELDS, {}))
    return state


def _read_more(note: dict[str, Any], reader: Reader) -> dict[str, Any]:
    more = note.get(MORE)
    found = reader.read_node(more.get(DATA), more.get(TYPES)) if isinstance(more, dict) else {}
    if not isinstance(found, dict) or not all(isinstance(part, dict) for part in found.values()):
        raise MalformedError("has a note that does not belong to it")
    return found


def _is_unchanged(plan: ObjectPlan, state: ObjectState, note: dict[str, Any]) -> bool:
    """Whether the class still has the fields that it had, so that its state can be set."""
    absent = note.get(ABSENT)
    whole = state.fields.keys() == (plan.names.difference(absent) if absent else plan.names)
    return whole and note.get(SHAPE) == plan.shape and REMADE not in note


def _restore_model(cls: Any, plan: ObjectPlan, state: ObjectState, note: dict[str, Any]) -> Any:
    if _is_unchanged(plan, state, note) and (plan.extra or not state.extra):
        return _restore_with_state(cls, plan, state, note)
    model = _remake_or_mismatch(cls, {**state.fields, **state.extra})
    model.__dict__.update(_kept_attributes(plan, state.fields, note))
    model.__pydantic_fields_set__.difference_update(note.get(UNSET, ()))
    if model.__pydantic_private__ is not None:
        model.__pydantic_private__.update(
            {name: item for name, item in state.private.items() if name in cls.__private_attributes__}
        )
    return model


def _kept_attributes(plan: ObjectPlan, attributes: dict[str, Any], note: dict[str, Any]) -> dict[str, Any]:
    """Of an object that was made again for the sake of a few parts alone, all others: they are set as they were."""
    if REMADE not in note or note.get(SHAPE) != plan.shape:
        return {}
    return {name: item for name, item in attributes.items() if name not in note[REMADE]}


def _restore_with_state(cls: Any, plan: ObjectPlan, state: ObjectState, note: dict[str, Any]) -> Any:
    fields, known = state.fields, set(plan.names)
    if MORE in note:
        fields = {name: fields[name] for name in plan.order if name in fields}
    if UNSET in note:
        known.difference_update(note[UNSET])
    if state.extra:
        known.update(state.extra)
    extra = state.extra if plan.extra else None
    return _build_model(
        cls, fields, known, extra, _restore_private(cls, fields, state.private) if plan.private else None
    )


def _build_model(
    cls: Any, fields: dict[str, Any], known: set[str], extra: dict[str, Any] | None, private: dict[str, Any] | None
) -> Any:
    model = cls.__new__(cls)
    _assign(model, "__dict__", fields)
    _assign(model, "__pydantic_fields_set__", known)
    if not cls.__pydantic_root_model__:
        _assign(model, "__pydantic_extra__", extra)
        _assign(model, "__pydantic_private__", private)
    elif private is not None:  # a root model has no place for them: they would show among its attributes
        _assign(model, "__pydantic_private__", private)
    return model


def _restore_private(cls: Any, fields: dict[str, Any], private: dict[str, Any]) -> dict[str, Any]:
    """Private attributes: as they were, else their defaults."""
    values: dict[str, Any] = {}
    for name, own in cls.__private_attributes__.items():
        value = private[name] if name in private else _make_default(own, {**fields, **values})
        if value is not PydanticUndefined:
            values[name] = value
    return values


def _make_default(own: Any, others: dict[str, Any]) -> Any:
    if own.default_factory is None:
        return deepcopy(own.default)
    return own.default_factory(others) if getattr(own, _TAKES_OTHERS, False) else own.default_factory()


def _restore_dataclass(cls: Any, plan: ObjectPlan, state: ObjectState, note: dict[str, Any]) -> Any:
    attributes = {**state.fields, **state.private}
    if _is_unchanged(plan, state, note):
        return _set_attributes(object.__new__(cls), attributes)
    return _set_attributes(_remake_or_mismatch(cls, state.fields), _kept_attributes(plan, attributes, note))


def _set_attributes(value: Any, attributes: dict[str, Any]) -> Any:
    """A dataclass, its attributes set."""
    cls, own = type(value), getattr(value, "__dict__", None)
    for name, item in attributes.items():
        if own is None or isinstance(getattr(cls, name, None), MemberDescriptorType):
            _assign(value, name, item)
        else:
            own[name] = item
    return value


def _remake_or_mismatch(cls: type, values: Any) -> Any:
    try:
        return remake(cls, values)
    except ValidationError as error:
        raise MismatchError(error) from None


RESTORERS: Final[dict[str | None, Restorer]] = {"object": restore_object, "root": restore_root}
