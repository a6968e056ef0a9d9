"""Spans and ids as numbers that are as good as random, by which it is known whether, or where, they came before."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Keys = npt.NDArray[np.uint64]

#: Odd numbers without a pattern, of splitmix64 (S. Vigna, 2015) and of xxHash64 (Y. Collet).
_UPPER: Final = np.uint64(0x9E3779B97F4A7C15)
_SPAN: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)


def of(spans: pa.Table | pa.RecordBatch) -> Keys:
    """Returns a number for each span; equal for equal ids.

    Args:
        spans: with `trace_id`, as UUIDs or as their bytes, and `span_id`.
    """
    halves = _halves(_whole(spans.column("trace_id")))
    return _mixed(halves[0::2] * _UPPER ^ halves[1::2] ^ spans.column("span_id").to_numpy() * _SPAN)


def of_ids(column: Any) -> Keys:
    """Returns a number for each id of a column, which is left out where it is null; equal for equal ids.

    Args:
        column: UUIDs, or their bytes.
    """
    whole = _whole(column)
    halves = _halves(whole.drop_null() if whole.null_count else whole)
    return _mixed(halves[0::2] * _UPPER ^ halves[1::2])


def of_uuids(ids: Iterable[UUID]) -> Keys:
    """Returns the same numbers for ids by themselves."""
    halves = np.frombuffer(b"".join(id_.bytes for id_ in ids), np.uint64)
    return _mixed(halves[0::2] * _UPPER ^ halves[1::2])


def _whole(column: Any) -> Any:
    """Returns the 16 bytes of each UUID of a column."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return whole.storage if isinstance(whole, pa.ExtensionArray) else whole.cast(pa.binary(16))


def _halves(stored: Any) -> Keys:
    return np.frombuffer(stored.buffers()[1] or b"", np.uint64)[2 * stored.offset :][: 2 * len(stored)]


def _mixed(numbers: Keys) -> Keys:
    mixed = (numbers ^ numbers >> np.uint64(30)) * _FIRST
    mixed = (mixed ^ mixed >> np.uint64(27)) * _SECOND
    return np.asarray(mixed ^ mixed >> np.uint64(31), np.uint64)
