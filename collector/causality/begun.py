"""Since when there may be something of a node. Rows of the store lie by time, so that what is older than a node is not
read: ids without an order, which spans of others have, spoil what the store knows of each block's ids. Pure."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from collector.store.early import EARLIEST_NS

#: Nanoseconds by which clocks of processes may differ: a day.
APART_NS: Final = 24 * 3600 * 10**9

#: Versions of UUIDs that begin with the milliseconds since 1970 (RFC 9562, and ours that are derived from such).
_TIMED: Final = (7, 8)
_BITS_OF_TIME: Final = 80


def by_id(node_id: UUID) -> int:
    """Returns since when there may be something of a node, by its id, in nanoseconds since 1970.

    Of a span of others it is as good as random: where nothing of the node is found since then, all has to be read.
    """
    if node_id.version not in _TIMED:
        return 0
    return max(0, (node_id.int >> _BITS_OF_TIME) * 1_000_000 - APART_NS)


def by_records(rows: Iterable[dict[str, Any]], node_id: UUID) -> int | None:
    """Returns when the first record of a node began; 0 where it says no time, None where there is none.

    Args:
        rows: each with its `node_id` and its `start_ns`.
        node_id: the node.
    """
    starts = [row["start_ns"] for row in rows if row["node_id"] == node_id]
    if not starts:
        return None
    return min(starts) if min(starts) >= EARLIEST_NS else 0
