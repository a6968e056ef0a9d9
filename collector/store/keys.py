"""Spans and ids as numbers that are as good as random, by which it is known whether, or where, they came before."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Keys = npt.NDArray[np.uint64]

#: Bytes of a UUID.
_LENGTH: Final = 16

#: Odd numbers without a pattern, of splitmix64 (S. Vigna, 2015) and of xxHash64 (Y. Collet).
_UPPER: Final = np.uint64(0x9E3779B97F4A7C15)
_SPAN: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)


def hash_spans(spans: pa.Table | pa.RecordBatch) -> Keys:
    """Returns a number for each span; equal for equal ids.

    Args:
        spans: with `trace_id`, as UUIDs or as their bytes, and `span_id`.
    """
    halves = _split_halves(spans.column("trace_id"))
    return _mix_bits(halves[0::2] * _UPPER ^ halves[1::2] ^ spans.column("span_id").to_numpy() * _SPAN)


def hash_ids(column: Any) -> Keys:
    """Returns a number for each id of a column, which is left out where it is null; equal for equal ids.

    Args:
        column: UUIDs, or their bytes.
    """
    halves = _split_halves(column)
    return _mix_bits(halves[0::2] * _UPPER ^ halves[1::2])


def hash_uuids(ids: Iterable[UUID]) -> Keys:
    """Returns the same numbers for ids by themselves."""
    halves = np.frombuffer(b"".join(id_.bytes for id_ in ids), np.uint64)
    return _mix_bits(halves[0::2] * _UPPER ^ halves[1::2])


def _split_halves(column: Any) -> Keys:
    """Returns the two halves of each UUID of a column, but for those that are null."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.BinaryArray) and (joined := _join_bytes(whole)) is not None:
        return joined.view(np.uint64)
    whole = whole.storage if isinstance(whole, pa.ExtensionArray) else whole.cast(pa.binary(_LENGTH))
    stored = whole.drop_null() if whole.null_count else whole
    return np.frombuffer(stored.buffers()[1] or b"", np.uint64)[2 * stored.offset :][: 2 * len(stored)]


def _join_bytes(bytes_: pa.BinaryArray) -> npt.NDArray[np.uint8] | None:
    """Returns the bytes of UUIDs where they lie one after another, and none belong to what is null, as DuckDB writes
    them; None where they lie otherwise. To cast them to a fixed length first takes five times as long."""
    _, offsets, data = bytes_.buffers()
    if bytes_.null_count == len(bytes_):
        return np.empty(0, np.uint8)
    ends = np.frombuffer(offsets, np.int32)[bytes_.offset :][: len(bytes_) + 1]
    joined = np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]
    is_plain = joined.size == _LENGTH * (len(bytes_) - bytes_.null_count) and np.diff(ends).max() == _LENGTH
    return joined if is_plain else None


def _mix_bits(numbers: Keys) -> Keys:
    mixed = (numbers ^ numbers >> np.uint64(30)) * _FIRST
    mixed = (mixed ^ mixed >> np.uint64(27)) * _SECOND
    return np.asarray(mixed ^ mixed >> np.uint64(31), np.uint64)
