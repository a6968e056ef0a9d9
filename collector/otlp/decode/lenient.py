"""Requests in which some text is no UTF-8: that text is mended, and all else is taken as it is.

The fast decoder refuses such a request whole. Here texts are decoded as bytes first, which is checked for nothing, and
only those columns that hold a bad one are looked at value by value.
"""

from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from ptars import HandlerPool

from collector.otlp.decode.descriptor import request_descriptor
from collector.otlp.signals import Signal


def decode_leniently(signal: Signal, body: bytes, schema: pa.Schema) -> tuple[pa.RecordBatch, int]:
    """Decodes a request.

    Args:
        signal: of which it is a request.
        body: the request.
        schema: of the answer, with texts as such.

    Returns:
        The request, and how many of its texts were mended.

    Raises:
        ValueError: when the bytes are no such message for another reason.
    """
    raw = _handler(signal).list_to_record_batch([body])
    mender = _Mender()
    columns = [mender.mend(column, field.type) for column, field in zip(raw.columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema), mender.mended


@cache
def _handler(signal: Signal) -> Any:
    descriptor = request_descriptor(signal, text_as_bytes=True)
    return HandlerPool([descriptor.file]).get_for_message(descriptor)


class _Mender:
    """Makes texts of bytes, at any depth, and counts those that had to be mended."""

    def __init__(self) -> None:
        self.mended = 0

    def mend(self, values: Any, wanted: pa.DataType) -> Any:
        """Returns the same values with texts as such."""
        if values.type == wanted:
            return values
        nulls = values.is_null() if values.null_count else None
        if pa.types.is_list(wanted):
            items = self.mend(values.values, wanted.value_type)
            return pa.ListArray.from_arrays(values.offsets, items, type=wanted, mask=nulls)
        if pa.types.is_struct(wanted):
            fields = list(wanted)
            parts = [self.mend(values.field(place), field.type) for place, field in enumerate(fields)]
            return pa.StructArray.from_arrays(parts, fields=fields, mask=nulls)
        return self._texts(values, wanted)

    def _texts(self, values: pa.BinaryArray, wanted: pa.DataType) -> pa.StringArray:
        try:
            return values.cast(wanted)
        except pa.ArrowInvalid:
            distinct = values.dictionary_encode()
            raw = distinct.dictionary.to_pylist()
            texts = [value.decode("utf-8", "replace") for value in raw]
            bad = pa.array([text.encode() != value for text, value in zip(texts, raw, strict=True)], pa.bool_())
            self.mended += pc.sum(bad.take(distinct.indices)).as_py() or 0
            return pa.array(texts, wanted).take(distinct.indices)
