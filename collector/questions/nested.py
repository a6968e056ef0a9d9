"""Foreign spans below a node's own, such as calls of a language model."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Final
from uuid import UUID

from collector.store.database import Row, Session
from collector.store.queries import Query

#: Foreign spans that are looked through here; the database looks through more of them in less time.
MOST: Final = 5_000


def find_spans_below(
    session: Session, node_id: UUID, own: Iterable[tuple[UUID, int]], traces: Collection[UUID], most: int
) -> list[Row]:
    """Returns the foreign spans below some, oldest first. They are asked for only where there are any: most nodes of
    ours have none, and to plan what finds them takes several times as long as to read which spans lie in what.

    Args:
        session: the snapshot to read.
        node_id: the node.
        own: its spans, each with its trace.
        traces: the traces that it is told of in.
        most: how many spans are returned at most.
    """
    around = session.stretch(traces)
    found = session.rows(Query.NODE_AROUND, traces=sorted(traces), most=MOST + 1, **around.bounds) if traces else []
    if not _has_any_below(found, own):
        return []
    bounds = {**session.stretch([node_id]).bounds, **around.bounds_of("around")}
    return session.rows(Query.NODE_NESTED, id=node_id, most=most, room=session.room, **bounds)


def _has_any_below(around: Sequence[Row], own: Iterable[tuple[UUID, int]]) -> bool:
    if len(around) > MOST:
        return True
    above = defaultdict(list)
    for row in around:
        above[row["trace_id"], row["parent_span_id"]].append(row["span_id"])
    return any(span != below for trace, span in own for below in above.get((trace, span), ()))
