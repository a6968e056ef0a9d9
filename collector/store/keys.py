"""Spans as numbers that are as good as random, by which it is known whether they may have come before."""

from typing import Final

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
    ids = spans.column("trace_id")
    whole = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    stored = whole.storage if isinstance(whole, pa.ExtensionArray) else whole.cast(pa.binary(16))
    halves = np.frombuffer(stored.buffers()[1], np.uint64)[2 * stored.offset :][: 2 * len(stored)]
    mixed = halves[0::2] * _UPPER ^ halves[1::2] ^ spans.column("span_id").to_numpy() * _SPAN
    mixed = (mixed ^ mixed >> np.uint64(30)) * _FIRST
    mixed = (mixed ^ mixed >> np.uint64(27)) * _SECOND
    return np.asarray(mixed ^ mixed >> np.uint64(31), np.uint64)
