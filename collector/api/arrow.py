"""Answers as streams of Arrow record batches. Pure."""

from collections.abc import Sequence
from typing import Final, get_args, get_origin

import pyarrow as pa
from pydantic import BaseModel

from collector import columns

#: The media type of a stream of Arrow record batches.
STREAM: Final = "application/vnd.apache.arrow.stream"

#: What an answer calls its rows.
_ROWS: Final = ("items", "spans")

#: The key in the schema's metadata that holds the rest of the answer, as JSON.
METADATA: Final = b"causeline"


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
    schema = columns.schema(row).with_metadata({METADATA: rest.encode()})
    rows: Sequence[BaseModel] = getattr(answer, field)
    table = pa.Table.from_pylist([columns.values(each) for each in rows], schema)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
