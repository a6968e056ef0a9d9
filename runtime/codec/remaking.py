"""Objects that their class makes again of the values of its fields: it has changed, or a part of them is missing."""

from collections.abc import Iterable
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import to_json

from runtime.codec.annotations import is_json_marker
from runtime.codec.plan import adapter_of
from runtime.codec.reader import MalformedError


def remake(cls: type, values: Any) -> Any:
    """What a class makes of the values of its fields, by name.

    Raises:
        ValidationError: they don't fit.
        Exception: what a validator of the user's own raises.
    """
    adapter = adapter_of(cls)
    if adapter is None:
        raise MalformedError("is of a class that pydantic does not know")
    infos: dict[str, FieldInfo] = getattr(cls, "__pydantic_fields__", {})
    if isinstance(values, dict):
        values = {name: _as_text(infos.get(name), item) for name, item in values.items()}
    return adapter.validate_python(values, by_alias=False, by_name=True)


def _as_text(info: FieldInfo | None, value: Any) -> Any:
    """What a field of JSON within JSON wants to be given for the value that it made of that."""
    if info is None or value is None or not _is_json((info.annotation, *info.metadata)):
        return value
    return to_json(value, by_alias=True)


def _is_json(parts: Iterable[Any]) -> bool:
    return any(is_json_marker(part) or _is_json(_parts(part)) for part in parts)


def _parts(annotation: Any) -> tuple[Any, ...]:
    """What may be said of the whole value: what annotates it, and the kinds of a union."""
    return get_args(annotation) if get_origin(annotation) in (Annotated, Union, UnionType) else ()
