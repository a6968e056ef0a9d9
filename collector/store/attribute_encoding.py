"""Attributes as the store keeps them: each a key, a text, and the kind of value that the text is of. Vectorised.

OTLP's own form, decoded, is 22 columns within each other, nearly all of them empty: to insert twelve attributes took
6 us a span where these three columns take 4, and they took 71 bytes of the file where these take 48.

A kind is the number of the field in OTLP's `AnyValue`, 0 for a value that is none. One value has one text, whoever
wrote it, as repetitions are known by hashes; `ddl/0015_narrow_attributes.sql` writes the same of what was there before:

- a string is itself; a boolean `true` or `false`; an integer its digits;
- a double the shortest digits that give it back, with a point or an exponent, or `NaN`, `Infinity`, `-Infinity`;
- a list is JSON; an item that JSON has no form for is an object of one pair, its kind and its text;
- a map, and a list in a list, are their bytes as protobuf has them, written out as DuckDB casts a BLOB to text: what is
  nested may be broken or endless, and is read when somebody looks at it;
- bytes are base64.
"""

import base64
import math
import re
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

NONE: Final = 0
STRING: Final = 1
BOOL: Final = 2
INT: Final = 3
DOUBLE: Final = 4
LIST: Final = 5
MAP: Final = 6
BYTES: Final = 7

#: What the kinds above are that are plain casts.
_CASTS: Final = (("bool_value", BOOL), ("int_value", INT))

#: Bytes as DuckDB writes them out as text.
_ESCAPES: Final = {byte: f"\\x{byte:02X}" for byte in range(256) if not 32 <= byte < 127 or chr(byte) in "\\\"'"}

#: Escapes that Python writes in lower case, and DuckDB in upper.
_CONTROL: Final = re.compile(r"\\u00[01][0-9a-f]")


def encode_tables(batch: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Returns the tables of a batch with their attributes as they are stored, and bodies too."""
    return {name: _encode_table(table) for name, table in batch.items()}


def encode_lists(attributes: pa.ListArray) -> pa.ListArray:
    """Returns attribute lists as they are stored.

    Args:
        attributes: of each record its own, as OTLP's `KeyValue`s.
    """
    pairs = attributes.flatten()
    texts, kinds = _encode_values(pairs.field("value"))
    items = pa.StructArray.from_arrays([pairs.field("key"), texts, kinds], ["key", "text", "kind"])
    counts = pc.list_value_length(attributes).fill_null(0).to_numpy()
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]), pa.int32())
    return pa.ListArray.from_arrays(offsets, items, mask=attributes.is_null() if attributes.null_count else None)


def escape_blob(value: bytes) -> str:
    """Returns bytes as DuckDB writes them out as text."""
    return value.decode("latin-1").translate(_ESCAPES)


def unescape_blob(text: str) -> bytes:
    """Returns the bytes that `escape_blob` wrote out."""
    return text.encode("ascii").decode("unicode_escape").encode("latin-1")


def format_double(value: float) -> str:
    """Returns the text of a double."""
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _encode_table(table: pa.Table) -> pa.Table:
    for name, read in (("attributes", encode_lists), ("body", _encode_bodies)):
        if name in table.column_names:
            column = table.column(name).combine_chunks()
            table = table.set_column(table.schema.get_field_index(name), name, read(column))
    return table


def _encode_bodies(values: pa.StructArray) -> pa.StructArray:
    return pa.StructArray.from_arrays(list(_encode_values(values)), ["text", "kind"])


def _encode_values(values: pa.StructArray) -> tuple[pa.StringArray, pa.UInt8Array]:
    """Returns the text of each value, and its kind."""
    texts = values.field("string_value")
    if not texts.null_count:
        return texts, pa.array(np.full(len(texts), STRING, np.uint8))
    kinds = np.where(_valid_mask(texts), np.uint8(STRING), np.uint8(NONE))
    for name, kind in _CASTS:
        column = values.field(name)
        if column.null_count < len(column):
            kinds[_valid_mask(column) & (kinds == NONE)] = kind
            texts = pc.coalesce(texts, column.cast(pa.string()))
    for name, kind, read in (
        ("double_value", DOUBLE, _apply_to_distinct(format_double)),
        ("bytes_value", BYTES, _apply_to_distinct(_encode_base64)),
        ("array_value", LIST, _encode_arrays),
        ("kvlist_value", MAP, _apply_to_distinct(escape_blob)),
    ):
        column = values.field(name)
        if column.null_count == len(column):
            continue
        places = _valid_mask(column) & (kinds == NONE)
        kinds[places] = kind
        mask = pa.array(places)
        texts = pc.replace_with_mask(texts, mask, read(column.filter(mask)))
    return texts, pa.array(kinds)


def _valid_mask(column: pa.Array) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = column.is_valid().to_numpy(zero_copy_only=False)
    return found


def _apply_to_distinct(read: Callable[[Any], str]) -> Callable[[pa.Array], pa.StringArray]:
    """Returns what reads each of a column's values, and those that are the same once."""

    def column(values: pa.Array) -> pa.StringArray:
        known = values.dictionary_encode()
        return pa.array([read(value) for value in known.dictionary.to_pylist()], pa.string()).take(known.indices)

    return column


def _encode_base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _encode_arrays(arrays: pa.Array) -> pa.StringArray:
    """Returns lists as JSON; one in a list comes as its bytes."""
    if not pa.types.is_struct(arrays.type):
        return _apply_to_distinct(escape_blob)(arrays)
    held = pc.struct_field(arrays, "values").fill_null([])
    texts = _encode_items(*_encode_values(held.flatten()))
    counts = pc.list_value_length(held).to_numpy()
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]), pa.int32())
    joined = pc.binary_join(pa.ListArray.from_arrays(offsets, texts), ", ")
    return pc.binary_join_element_wise("[", joined, "]", "")


def _encode_items(texts: pa.StringArray, kinds: pa.UInt8Array) -> pa.StringArray:
    """Returns the items of lists as JSON."""
    told = pc.fill_null(texts, "null")
    for kind in kinds.unique().to_pylist():
        if kind in (STRING, LIST, MAP, BYTES):
            mask = pc.equal(kinds, kind)
            told = pc.replace_with_mask(told, mask, _apply_to_distinct(_item_encoder(kind))(texts.filter(mask)))
    return told


def _item_encoder(kind: int) -> Callable[[str], str]:
    if kind == STRING:
        return _quote_string
    return lambda text: f'{{"{kind}": {_quote_string(text)}}}'


def _quote_string(text: str) -> str:
    found: str = encode_basestring(text)
    return _CONTROL.sub(lambda each: f"\\u{each[0][2:].upper()}", found) if "\\u00" in found else found
