"""An id has one number, however it is held."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from collector.store import keys, uuids
from tests.collector.story import uid

IDS = [uid(str(number)) if number % 3 else None for number in range(20)]


def texts() -> pa.BinaryArray:
    return pa.array([id_ and id_.bytes for id_ in IDS], pa.binary())


def with_gaps() -> pa.BinaryArray:
    """As Arrow allows it: bytes lie also where it is null, as many as an id's, or others."""
    held = [id_.bytes if id_ else b"whatever" * (place % 2 + 1) for place, id_ in enumerate(IDS)]
    offsets = np.cumsum([0, *map(len, held)], dtype=np.int32)
    valid = np.packbits([id_ is not None for id_ in IDS], bitorder="little")
    buffers = [pa.py_buffer(valid), pa.py_buffer(offsets), pa.py_buffer(b"".join(held))]
    return pa.Array.from_buffers(pa.binary(), len(IDS), buffers)


@pytest.mark.parametrize(
    "held",
    [
        texts,
        with_gaps,
        lambda: uuids.to_uuid_type(texts().cast(uuids.KIND)),
        lambda: pa.chunked_array([texts(), texts()[:0]]),
    ],
)
def test_an_id_of_a_column_has_the_number_that_it_has_by_itself(held: Callable[[], pa.Array]) -> None:
    """Nulls are left out; a part of a column begins anywhere."""
    for since, count in ((0, len(IDS)), (1, 7), (3, 1), (5, 0)):
        part = held().slice(since, count)
        wanted = [id_ for id_ in IDS[since : since + count] if id_]
        assert keys.hash_ids(part).tolist() == keys.hash_uuids(wanted).tolist()


def test_columns_that_hold_nothing_have_no_numbers() -> None:
    """Also where Arrow keeps no bytes of them."""
    for nothing in (pa.array([], pa.binary()), pa.nulls(3, pa.binary()), pa.nulls(0, uuids.KIND)):
        assert keys.hash_ids(nothing).size == 0


def test_a_span_has_one_number_however_its_trace_is_held() -> None:
    """And another one than any other span of its trace."""
    traces = pa.array([uid("a").bytes, uid("a").bytes, uid("b").bytes], pa.binary())
    spans = pa.array([1, 2, 1], pa.uint64())
    numbers = keys.hash_spans(pa.table({"trace_id": traces, "span_id": spans}))
    again = keys.hash_spans(pa.table({"trace_id": uuids.to_uuid_type(traces.cast(uuids.KIND)), "span_id": spans}))
    assert numbers.tolist() == again.tolist()
    assert len(set(numbers.tolist())) == 3
