"""A form for an answer whose type JSON Schema describes: a field for each of its parts, JSON where it has others."""

import json
from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

_YES_OR_NO: Final = {"yes": True, "no": False}
#: Schemas within schemas that are followed, at most.
_DEEPEST: Final = 3


def fields(schema: Mapping[str, Any], key: str) -> None:
    """Draws the fields of an answer; `value` reads them.

    Args:
        schema: JSON Schema of the answer.
        key: begins the keys of the fields in the session's state.
    """
    parts = _parts(schema)
    if parts is None:
        _field("Your answer", _resolved(schema, schema), key)
        return
    for name, part in parts.items():
        _field(name, part, f"{key}-{name}")


def value(schema: Mapping[str, Any], key: str) -> Any:
    """Returns what was filled in, as plain JSON.

    Raises:
        ValueError: a field that takes JSON has none; names the field.
    """
    parts = _parts(schema)
    if parts is None:
        return _filled("Your answer", _resolved(schema, schema), key)
    filled = {name: _filled(name, part, f"{key}-{name}") for name, part in parts.items()}
    required = schema.get("required", ())
    return {name: given for name, given in filled.items() if given is not None or name in required}


def _parts(schema: Mapping[str, Any]) -> dict[str, Mapping[str, Any]] | None:
    """Returns the schemas of an object's properties; None where the answer is no object of known ones."""
    properties = _resolved(schema, schema).get("properties")
    if not isinstance(properties, dict) or not properties:
        return None
    return {name: _resolved(part, schema) for name, part in properties.items()}


def _resolved(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
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
        case "integer":
            st.number_input(label, value=default, step=1, key=key)
        case "number":
            st.number_input(label, value=default, key=key)
        case "string":
            st.text_area(label, value=default or "", height="content", key=key)
        case _:
            st.text_area(f"{label}, as JSON", value=json.dumps(default) if default is not None else "", key=key)


def _filled(label: str, schema: Mapping[str, Any], key: str) -> Any:
    given = st.session_state.get(key)
    if schema.get("enum") or schema.get("type") in ("integer", "number"):
        return given
    match schema.get("type"):
        case "boolean":
            return _YES_OR_NO.get(str(given))
        case "string":
            return str(given or "")
    try:
        return json.loads(given) if given else None
    except ValueError as error:
        raise ValueError(f"{label} is no JSON: {error}") from None
