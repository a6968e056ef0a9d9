"""Columns of lists, some of whose items are left out. Vectorised."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from collector.store import uuids


def parse_uuid_lists(lists: pa.ListArray) -> Any:
    """Returns the UUIDs within lists of texts; what is none is left out."""
    if lists.null_count == len(lists):
        return pa.nulls(len(lists), pa.list_(pa.uuid()))
    ids = uuids.parse_uuids(lists.flatten())
    return _keep_items(lists, uuids.to_uuid_type(ids), ids.is_valid().to_numpy(zero_copy_only=False))


def remove_keys(attributes: pa.ListArray, rows: pa.BooleanArray, keys: Iterable[str]) -> Any:
    """Returns attribute lists, some of them without the attributes of some names.

    Args:
        attributes: of each record its own.
        rows: which records lose them.
        keys: those names.
    """
    if not pc.any(rows).as_py():
        return attributes
    pairs = attributes.flatten()
    named = pc.is_in(pairs.field("key"), pa.array(list(keys))).to_numpy(zero_copy_only=False)
    loses = rows.to_numpy(zero_copy_only=False)[pc.list_parent_indices(attributes).to_numpy()]
    return _keep_items(attributes, pairs, ~(named & loses))


def _keep_items(lists: pa.ListArray, items: pa.Array, keep: npt.NDArray[np.bool_]) -> Any:
    """Returns lists of those items that are kept."""
    counts = np.bincount(pc.list_parent_indices(lists).to_numpy()[keep], minlength=len(lists))
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]), pa.int32())
    mask = lists.is_null() if lists.null_count else None
    return pa.ListArray.from_arrays(offsets, items.filter(pa.array(keep)), mask=mask)
