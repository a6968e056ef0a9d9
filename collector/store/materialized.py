"""Works out once what became of steps and deliveries: what figures over an hour would else work out at each look.

What is known (`materialized_work`) is never believed beyond what it was made of. Records that are stored later say so
by the time at which they were, and what is changed or removed in place is noted (`changed_work`): what became of the
nodes that these are about is worked out anew by whoever asks (`begun.py`). Here it is done for good, in the background,
so that they are few.
"""

from typing import Final

import pyarrow as pa

from collector.store.background import Background, in_slices
from collector.store.database import Database, Session
from collector.store.queries import Query

#: Spans that are looked at together, about, and nodes that are worked out together.
SLICE: Final = 200_000
PART: Final = 20_000

#: Seconds from one look to the next, and to the first one: a start, and who waited for it, come first.
_INTERVAL: Final = 2.0
_FIRST: Final = 2.0


def known_until(session: Session) -> int:
    """Returns before which time all that was stored is materialized, in microseconds since 1970."""
    return int(session.one(Query.MATERIALIZED_STATE)["until_us"])


def step(database: Database, most: int = SLICE) -> bool:
    """Works out what has changed since the last time.

    Args:
        database: the store.
        most: spans that are looked at, about.

    Returns:
        Whether there may be more.

    Raises:
        StoreError: when the store can't be used now.
    """
    setbacks = database.clock_setbacks
    with database.reading() as session:
        since_us, last_us = known_until(session), session.as_of + 1
        if last_us <= since_us:
            return False
        within = {"since_us": since_us, "until_us": last_us}
        within["until_us"] = session.one(Query.MATERIALIZED_SLICE_END, **within, most=most)["until_us"]
        session.run(Query.MATERIALIZED_CHANGED, **within, most=PART)
        seen = session.table(Query.MATERIALIZED_SEEN_CHANGES)
        for part in session.rows(Query.MATERIALIZED_PARTS):
            nodes = session.table(Query.MATERIALIZED_NODES, part=part["part"])
            _replace(database, nodes, session.table(Query.MATERIALIZED_WORK, **part))
    with database.writing(outdates=False) as session:
        if database.clock_setbacks == setbacks:  # else something may have been stored since, at an earlier time
            session.run(Query.MATERIALIZED_FORGET)
            session.run(Query.MATERIALIZED_ADVANCE, until_us=within["until_us"])
        if seen.num_rows:
            session.offer("seen_changes", seen)
            session.run(Query.MATERIALIZED_FORGET_CHANGES)
    return within["until_us"] < last_us


def _replace(database: Database, nodes: pa.Table, work: pa.Table) -> None:
    """What is written belongs to an older snapshot, which does no harm: what has changed since is worked out again."""
    with database.writing(outdates=False) as session:
        session.offer("nodes_of_part", nodes)
        session.run(Query.MATERIALIZED_DELETE_WORK)
        if work.num_rows:
            session.insert(Query.MATERIALIZED_INSERT_WORK, work)


def background(database: Database, first: float = _FIRST) -> Background:
    """Returns what does so again and again.

    Args:
        database: the store.
        first: seconds to the first look.
    """
    return in_slices(
        "materializing", database, lambda: step(database), _INTERVAL, first, "figures could not be worked out ahead"
    )
