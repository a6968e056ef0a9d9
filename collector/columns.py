"""Models as rows of a table: one column a field, with the type that the model gives it, even of no rows. Pure.

A field that holds any JSON (attributes) is text of it; a model within a model is a struct; ids and words are text.
"""

import json
import types
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, Final, Literal, Union, get_args, get_origin

import pyarrow as pa
from pydantic import BaseModel

_PLAIN: Final[Mapping[type, pa.DataType]] = {
    str: pa.string(),
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    datetime: pa.timestamp("us", "UTC"),
}


@cache
def schema(row: type[BaseModel]) -> pa.Schema:
    """Returns the columns of rows of one kind."""
    return pa.schema([pa.field(name, _type(field.annotation)) for name, field in row.model_fields.items()])


def _type(annotation: Any) -> pa.DataType:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        (annotation,) = (each for each in arguments if each is not type(None))
        return _type(annotation)
    if origin is list:
        return pa.list_(_type(arguments[0]))
    if origin is Literal or (isinstance(annotation, type) and issubclass(annotation, Enum)):
        return pa.string()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return pa.struct(list(schema(annotation)))
    return _PLAIN.get(annotation, pa.string())


def values(row: BaseModel) -> dict[str, object]:
    """Returns a row as Arrow takes it, by column."""
    return {name: _value(getattr(row, name)) for name in type(row).model_fields}


def _value(value: object) -> object:
    if isinstance(value, BaseModel):
        return values(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, list):
        return [_value(each) for each in value]
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict) else value
