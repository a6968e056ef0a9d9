"""JSON text, and how pydantic reads a type from it: also where its parser gives up, which Python's does not."""

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, from_json, to_json


def dump(data: Any) -> str:
    """Plain JSON as text. Half a surrogate pair is written as its escape."""
    try:
        return to_json(data, inf_nan_mode="strings").decode()
    except (PydanticSerializationError, ValueError):  # such a half, or too deep for it
        return json.dumps(data, separators=(",", ":"))


def parse(text: str) -> Any:
    """The plain JSON in a text.

    Raises:
        ValueError: it is no JSON.
        RecursionError: it is nested too deep.
    """
    try:
        return from_json(text)
    except ValueError:
        return json.loads(text)


def validate_text(adapter: TypeAdapter[Any], text: str) -> Any:
    """What a type makes of JSON, by aliases or by names of its fields.

    Raises:
        ValidationError: it does not fit.
        Exception: what a validator of the user's own raises.
    """
    try:
        return adapter.validate_json(text, by_alias=True, by_name=True)
    except ValidationError as error:
        if error.error_count() != 1 or error.errors(include_input=False)[0]["type"] != "json_invalid":
            raise
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            raise error from None
    return adapter.validate_python(data, by_alias=True, by_name=True)


def copy_json(data: Any) -> Any:
    """Plain JSON as lists and dicts of its own: whoever gets it may change it."""
    kind = type(data)
    if kind is dict:
        return {key: copy_json(item) if type(item) in _CONTAINERS else item for key, item in data.items()}
    if kind is list:
        return [copy_json(item) if type(item) in _CONTAINERS else item for item in data]
    return data


_CONTAINERS = frozenset({dict, list})
