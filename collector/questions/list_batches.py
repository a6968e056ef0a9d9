"""The order of a list, where much may be on it: the newest is read first, which mostly fills a page."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

T = TypeVar("T")

#: Times as many as before that the next part holds.
_GROWTH: Final = 4


def split_newest_first(placed: pa.Table, before_ns: int, most: int) -> Iterator[list[UUID]]:
    """Yields ids, newest first, in parts.

    Args:
        placed: of what is listed `id`, as its bytes, and `start_ns`: when it began, in nanoseconds since 1970.
        before_ns: when the page begins; what began later is left out. Whoever reads the parts leaves out what is
            not on the page for other reasons: its time range, or its place among what began at the same time.
        most: ids of a part.
    """
    behind = placed.filter(pc.less_equal(placed.column("start_ns"), before_ns))
    ordered = behind.sort_by([("start_ns", "descending"), ("id", "descending")]).column("id")
    for first in range(0, len(ordered), most):
        yield [UUID(bytes=id_) for id_ in ordered.slice(first, most).to_pylist()]


def split_growing(much: Sequence[T], first: int) -> Iterator[Sequence[T]]:
    """Yields parts of something: the first so many, then ever more, as most pages are filled by few."""
    begin, length = 0, first
    while begin < len(much):
        yield much[begin : begin + length]
        begin, length = begin + length, length * _GROWTH
