"""The order of a list, where much may be on it: the newest is read first, which mostly fills a page."""

from collections.abc import Iterator
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc


def parts(placed: pa.Table, before_ns: int, most: int) -> Iterator[list[UUID]]:
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
