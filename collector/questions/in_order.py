"""What a list may show, in the order of the list: where it is many, the newest is read first, and mostly alone."""

from collections.abc import Iterator
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc


def parts(placed: pa.Table, before_ns: int, most: int) -> Iterator[list[UUID]]:
    """Yields ids, newest first, in parts.

    Args:
        placed: of what is listed `id`, as its bytes, and `start_ns`: when it began, in nanoseconds since 1970.
        before_ns: when the page begins; what began later is left out.
        most: ids of a part.
    """
    behind = placed.filter(pc.less_equal(placed.column("start_ns"), before_ns))
    ordered = behind.sort_by([("start_ns", "descending"), ("id", "descending")]).column("id")
    for first in range(0, len(ordered), most):
        yield [UUID(bytes=id_) for id_ in ordered.slice(first, most).to_pylist()]
