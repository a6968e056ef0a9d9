"""Columns of numbers, from what attributes say as text. Vectorised for the texts that are plain numbers."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

#: Whole numbers that fit whatever their digits are.
_PLAIN: Final = r"^-?[0-9]{1,18}$"

#: Digits before the point above which a number fits nowhere; told before it is written out.
_MOST_DIGITS: Final = 20

_LARGE: Final = range(-(2**63), 2**63)
_SMALL: Final = range(-(2**31), 2**31)


def parse_integers(texts: pa.StringArray) -> pa.Int64Array:
    """Returns the number that each text is, rounded half up (away from zero); null where it is none of 64 bits."""
    return _parse_column(texts, pa.int64(), _parse_integer)


def parse_doubles(texts: pa.StringArray) -> pa.DoubleArray:
    """Returns the number that each text is; null where it is none."""
    return _parse_column(texts, pa.float64(), _parse_double)


def limit_to_int32(numbers: pa.Int64Array) -> pa.Int64Array:
    """Returns those numbers that have 32 bits; null where one has more."""
    if numbers.null_count == len(numbers):
        return numbers
    fits = pc.and_(pc.greater_equal(numbers, _SMALL.start), pc.less(numbers, _SMALL.stop))
    return pc.if_else(fits, numbers, pa.scalar(None, pa.int64()))


def _parse_column(texts: pa.StringArray, kind: pa.DataType, read: Callable[[str], Any]) -> Any:
    if texts.null_count == len(texts):
        return pa.nulls(len(texts), kind)
    if pc.all(pc.match_substring_regex(texts, _PLAIN)).as_py():
        return texts.cast(kind)
    return pa.array([None if text is None else read(text) for text in texts.to_pylist()], kind)


def _parse_integer(text: str) -> int | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if number == 0:
        return 0
    if not number.is_finite() or number.adjusted() > _MOST_DIGITS:
        return None
    rounded = int(number.quantize(Decimal(1), ROUND_HALF_UP)) if number.adjusted() >= -1 else 0
    return rounded if rounded in _LARGE else None


def _parse_double(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
