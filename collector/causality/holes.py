"""Nodes that others name and that never arrived: parents of spans, and what spans link to."""

from typing import Final
from uuid import UUID

from collector.store.database import Session
from collector.store.queries import Query

#: How an id says that it was made of a span's; those that our runtime mints say another.
_DERIVED: Final = 8


def find_traces_naming(session: Session, node_id: UUID) -> list[UUID]:
    """Returns the traces that name a node of others that never arrived.

    To look for them reads and hashes all that is stored: ask only where nothing is recorded of the node.

    Args:
        session: the snapshot to read.
        node_id: of a node that nothing is recorded of.
    """
    if node_id.version != _DERIVED:
        return []
    return [row["trace_id"] for row in session.rows(Query.CHAIN_HOLE_TRACES, id=node_id)]
