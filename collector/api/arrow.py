"""Answers as Arrow tables: one column a field, with the type that the model gives it, even of no rows. Pure.

A field that holds any JSON (attributes) is text of it; a model within a model is a struct; ids and words are text.
"""

import json
import types
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, Final, Literal, Union, get_args, get_origin

import pyarrow as pa
from pydantic import BaseModel

#: The media type of a stream of Arrow record batches.
STREAM: Final = "application/vnd.apache.arrow.stream"

#: What an answer calls its rows.
_ROWS: Final = ("items", "spans")

#: The key in the schema's metadata that holds the rest of the answer, as JSON.
METADATA: Final = b"causeline"

_PLAIN: Final[Mapping[type, pa.DataType]] = {
    str: pa.string(),
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    datetime: pa.timestamp("us", "UTC"),
}


def rows_field(answer: object) -> str | None:
    """Returns the name of the field that holds the rows of a kind of answer; None where it is no table."""
    if not (isinstance(answer, type) and issubclass(answer, BaseModel)):
        return None
    fields = answer.model_fields
    return next((name for name in _ROWS if name in fields and get_origin(fields[name].annotation) is list), None)


def stream(answer: BaseModel) -> bytes:
    """Returns an answer that is a table as a stream of Arrow record batches.

    Args:
        answer: holds rows; its other fields, such as `next` and `window`, go into the schema's metadata as JSON.
    """
    field = rows_field(type(answer)) or _ROWS[0]
    (row,) = get_args(type(answer).model_fields[field].annotation)
    rest = answer.model_dump_json(exclude={field})
    schema = _schema(row).with_metadata({METADATA: rest.encode()})
    rows: Sequence[BaseModel] = getattr(answer, field)
    table = pa.Table.from_pylist([_values(each) for each in rows], schema)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


@cache
def _schema(row: type[BaseModel]) -> pa.Schema:
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
        return pa.struct(list(_schema(annotation)))
    return _PLAIN.get(annotation, pa.string())


def _values(row: BaseModel) -> dict[str, object]:
    return {name: _value(getattr(row, name)) for name in type(row).model_fields}


def _value(value: object) -> object:
    if isinstance(value, BaseModel):
        return _values(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, list):
        return [_value(each) for each in value]
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict) else value
