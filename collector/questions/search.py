"""A search of everything: what an id is, and nodes of any kind that say a text."""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from collector.causality import fates, nodes
from collector.models import Node, SearchAnswer
from collector.questions import lookup
from collector.questions.wanted import Wanted
from collector.store.database import Session
from collector.store.queries import Query
from collector.times import MILLISECOND_NS, SECOND_NS, nanoseconds

#: Nodes that an answer holds at most.
LIMIT: Final = 100

#: The newest stretch of time that is looked through by itself; each one before it is some times as long.
_FIRST_STRETCH_NS: Final = 3600 * SECOND_NS
_LONGER: Final = 4


def find(session: Session, text: str, limit: int) -> SearchAnswer:
    """Returns what a text is the id of, and the newest nodes that say it.

    Args:
        session: the snapshot to read.
        text: an id in any form, or a text.
        limit: nodes to return at most.
    """
    wanted = Wanted.read(text)
    searched = lookup.stored(session, wanted)
    if not wanted or searched.first is None or searched.last is None:
        return SearchAnswer(searched=searched)
    roles = lookup.named(session, wanted)
    ids = {UUID(role.node_id): None for role in roles if role.role in ("node", "message")}
    for first_ns, end_ns in _stretches(nanoseconds(searched.first), nanoseconds(searched.last) + MILLISECOND_NS):
        if len(ids) > limit:
            break
        within = {"first_ns": first_ns, "end_ns": end_ns, "most": limit + 1}
        rows = session.rows(Query.SEARCH_NODES, **within, **wanted.ids, **wanted.words)
        ids.update((row["node_id"], None) for row in rows)
    items = _nodes(session, list(ids)[:limit])
    return SearchAnswer(named=roles, items=items, searched=searched, truncated=len(ids) > limit)


def _stretches(first_ns: int, end_ns: int) -> Iterator[tuple[int, int]]:
    """Yields stretches of time, the newest first, so that a search ends early where there is plenty to find."""
    length = _FIRST_STRETCH_NS
    while end_ns > first_ns:
        begin = max(first_ns, end_ns - length)
        yield begin, end_ns
        end_ns, length = begin, length * _LONGER


def _nodes(session: Session, ids: list[UUID]) -> list[Node]:
    records = session.rows(Query.NODE_RECORDS_OF_SEVERAL, ids=ids) if ids else []
    built = nodes.build(records, fates.of_all(session, records))
    return [built[id_] for id_ in ids if id_ in built]
