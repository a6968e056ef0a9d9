"""Works out once what became of steps and deliveries: what figures over an hour would else work out at each look.

What is known (`materialized_work`) is never believed beyond what it was made of. Records that are stored later say so
by the time at which they were, and what is changed or removed in place is noted (`changed_work`): whoever asks works out
anew the nodes that these are about (`work_begun` in `ddl/views/materialized.sql`). Here that is done for good, in the
background, so that there are few of them.
"""

import logging
import time
from typing import Final

import duckdb
import pyarrow as pa

from collector.errors import StoreError
from collector.store.background import REST_FACTOR, Background
from collector.store.database import Database, Session
from collector.store.queries import Query

_LOG: Final = logging.getLogger(__name__)

#: Nodes that are worked out together.
PART: Final = 20_000

#: Seconds from one look to the next, and to the first one: a start, and who waited for it, come first.
_INTERVAL: Final = 2.0
_FIRST: Final = 2.0


def known_until(session: Session) -> int:
    """Returns before which time all that was stored is materialized, in microseconds since 1970."""
    return int(session.one(Query.MATERIALIZED_STATE)["until_us"])


def step(database: Database, most: int = PART) -> int:
    """Works out what has changed since the last time.

    Args:
        database: the store.
        most: nodes of one transaction.

    Returns:
        How many nodes that were.

    Raises:
        StoreError: when the store can't be used now.
    """
    setbacks = database.clock_setbacks
    with database.reading() as session:
        until_us, since_us = session.as_of + 1, known_until(session)
        if until_us <= since_us:
            return 0
        session.run(Query.MATERIALIZED_CHANGED, since_us=since_us, most=most)
        seen = session.table(Query.MATERIALIZED_SEEN_CHANGES)
        nodes = 0
        for part in session.rows(Query.MATERIALIZED_PARTS):
            ids = session.table(Query.MATERIALIZED_NODES, part=part["part"])
            _replace(database, ids, session.table(Query.MATERIALIZED_WORK, **part))
            nodes += ids.num_rows
    with database.writing(outdates=False) as session:
        if database.clock_setbacks == setbacks:  # else something may have been stored since, at an earlier time
            session.run(Query.MATERIALIZED_ADVANCE, until_us=until_us)
        if seen.num_rows:
            session.offer("seen_changes", seen)
            session.run(Query.MATERIALIZED_FORGET_CHANGES)
    return nodes


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

    def work() -> float:
        began = time.monotonic()
        try:
            step(database)
        except (StoreError, duckdb.Error) as error:
            if not materializing.is_ending:
                _LOG.warning("figures could not be worked out ahead, which is tried again: %s", error)
        return max(_INTERVAL, REST_FACTOR * (time.monotonic() - began))

    materializing = Background("materializing", database, work, first)
    return materializing
