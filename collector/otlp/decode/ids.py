"""Ids of traces and spans, from bytes to what the store has. Vectorised."""

import array
import sys
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

TRACE_BYTES: Final = 16
SPAN_BYTES: Final = 8


def are_ids(ids: pa.BinaryArray, size: int) -> pa.BooleanArray:
    """Returns which of some bytes are an id: of that size, and not all zero."""
    return pc.and_(pc.equal(pc.binary_length(ids), size), pc.not_equal(ids, pa.scalar(bytes(size), pa.binary())))


def to_uuids(ids: pa.BinaryArray) -> pa.Array:
    """Returns 128-bit ids as UUIDs; what is no id becomes the nil UUID."""
    whole = pc.if_else(are_ids(ids, TRACE_BYTES), ids, pa.scalar(bytes(TRACE_BYTES), pa.binary()))
    return pa.ExtensionArray.from_storage(pa.uuid(), whole.cast(pa.binary(TRACE_BYTES)))


def to_numbers(ids: pa.BinaryArray) -> pa.UInt64Array:
    """Returns 64-bit ids as numbers; what is no id becomes null."""
    whole = pc.if_else(are_ids(ids, SPAN_BYTES), ids, pa.scalar(bytes(SPAN_BYTES), pa.binary()))
    fixed = whole.cast(pa.binary(SPAN_BYTES))
    begin, end = fixed.offset * SPAN_BYTES, (fixed.offset + len(fixed)) * SPAN_BYTES
    words = array.array("Q")
    words.frombytes(memoryview(fixed.buffers()[1])[begin:end])
    if sys.byteorder == "little":
        words.byteswap()
    found = pa.Array.from_buffers(pa.uint64(), len(fixed), [None, pa.py_buffer(words)])
    return pc.if_else(pc.equal(found, pa.scalar(0, pa.uint64())), pa.scalar(None, pa.uint64()), found)
