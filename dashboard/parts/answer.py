"""A form for an answer whose type JSON Schema describes: a field for each of its parts, JSON where it has others."""

import json
import math
from collections.abc import Mapping
from typing import Any, Final, cast

import streamlit as st

_YES_OR_NO: Final = {"yes": True, "no": False}
#: Schemas within schemas that are followed, at most.
_DEEPEST: Final = 3
#: Characters of what was typed that an error quotes, at most.
_MOST_QUOTED: Final = 40
#: What a field takes that is a number.
_NUMBERS: Final = {"integer": "whole number", "number": "number"}


def fields(schema: Mapping[str, Any], key: str) -> None:
    """Draws the fields of an answer; `value` reads them.

    Args:
        schema: JSON Schema of the answer.
        key: begins the keys of the fields in the session's state.
    """
    parts = _parts(schema)
    if parts is None:
        _field("Your answer", _resolve_schema(schema, schema), key)
        return
    for name, part in parts.items():
        _field(name, part, f"{key}-{name}")


def value(schema: Mapping[str, Any], key: str) -> Any:
    """Returns what was filled in, as plain JSON.

    Raises:
        ValueError: a field that takes a number, or JSON, has none; names the field.
    """
    parts = _parts(schema)
    if parts is None:
        return _read_field("Your answer", _resolve_schema(schema, schema), key)
    filled = {name: _read_field(name, part, f"{key}-{name}") for name, part in parts.items()}
    required = schema.get("required", ())
    return {name: given for name, given in filled.items() if given is not None or name in required}


def _parts(schema: Mapping[str, Any]) -> dict[str, Mapping[str, Any]] | None:
    """Returns the schemas of an object's properties; None where the answer is no object of known ones."""
    properties = _resolve_schema(schema, schema).get("properties")
    if not isinstance(properties, dict) or not properties:
        return None
    return {name: _resolve_schema(part, schema) for name, part in properties.items()}


def _resolve_schema(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns a schema without references, and without None as a choice."""
    for _ in range(_DEEPEST):
        reference = str(schema.get("$ref", ""))
        if reference.startswith("#/$defs/"):
            schema = whole.get("$defs", {}).get(reference.removeprefix("#/$defs/"), {})
        choices = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
        if len(choices) == 1:
            schema = {**choices[0], **{name: schema[name] for name in ("default", "title") if name in schema}}
    return schema


def _field(label: str, schema: Mapping[str, Any], key: str) -> None:
    default = schema.get("default")
    if choices := schema.get("enum"):
        st.selectbox(label, choices, index=choices.index(default) if default in choices else None, key=key)
        return
    match schema.get("type"):
        case "boolean":
            index = None if default is None else list(_YES_OR_NO.values()).index(bool(default))
            st.radio(label, list(_YES_OR_NO), index=index, horizontal=True, key=key)
        case "integer" | "number":
            # A field of numbers makes 1 of 1.5, and keeps what it held before of what is too large for a browser.
            st.text_input(label, value="" if default is None else json.dumps(default), key=key)
        case "string":
            st.text_area(label, value=default or "", height="content", key=key)
        case _:
            st.text_area(f"{label}, as JSON", value=json.dumps(default) if default is not None else "", key=key)


def _read_field(label: str, schema: Mapping[str, Any], key: str) -> Any:
    given = st.session_state.get(key)
    if schema.get("enum"):
        return given
    match schema.get("type"):
        case "boolean":
            return _YES_OR_NO.get(str(given))
        case "integer" | "number" as type_:
            return _number(label, str(type_), str(given or "").strip())
        case "string":
            return str(given or "")
    try:
        return json.loads(given) if given else None
    except ValueError as error:
        raise ValueError(f"{label} is not valid JSON: {error}") from None


def _number(label: str, type_: str, text: str) -> int | float | None:
    """Returns the number that was typed, to its last digit; None of an empty field."""
    if not text:
        return None
    try:
        number = json.loads(text)
    except ValueError:
        number = None
    is_number = isinstance(number, int if type_ == "integer" else (int, float)) and not isinstance(number, bool)
    if not is_number or not math.isfinite(number):
        raise ValueError(f"{label} is not a {_NUMBERS[type_]}: {text[:_MOST_QUOTED]}")
    return cast("int | float", number)
