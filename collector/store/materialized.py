"""Works out once what became of steps and deliveries: what figures over an hour would else work out at each look.

What is known (`materialized_work`) is never believed beyond what it was made of. Records that are stored later say so
by the time at which they were, and what is changed or removed in place is noted (`changed_work`): what became of the
nodes that these are about is worked out anew by whoever asks (`work_in_range.py`). Here it is done for good, in the
background, so that they are few.
"""

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from collector.store.background import Background, create_sliced_background
from collector.store.database import Database, Session
from collector.store.queries import Query
from collector.store.sightings import EVERYTHING, NOTHING, Stretch

#: Spans that are looked at together, about, and nodes that are worked out together.
SLICE: Final = 200_000
PART: Final = 20_000

#: Ids of what has changed whose spans are looked for where they were stored: of more, among all.
MOST_IDS: Final = 100_000

#: Seconds from one look to the next, and to the first one: a start, and who waited for it, come first.
_INTERVAL: Final = 2.0
_FIRST: Final = 2.0


@dataclass(frozen=True, slots=True)
class MaterializedState:
    """What is materialized.

    Attributes:
        until_us: before which time all that was stored is, in microseconds since 1970.
        reached_us: from which time on nothing is that was stored; None where that is not known.
        has_amended: whether anything has changed in place since.
    """

    until_us: int
    reached_us: int | None
    has_amended: bool

    def has_none_of(self, stored: Stretch) -> bool:
        """Returns whether nothing is materialized of work but what markers told of it.

        Args:
            stored: in which all spans were stored that name it.
        """
        if self.has_amended or self.reached_us is None:
            return False
        return stored == NOTHING or stored.since_us >= self.reached_us


def read_state(session: Session) -> MaterializedState:
    """Returns what is materialized, in a snapshot."""
    return MaterializedState(**session.one(Query.MATERIALIZED_STATE))


def stage_changes(session: Session, since_us: int, until_us: int = EVERYTHING.until_us) -> Stretch:
    """Keeps what says that work has changed, for as long as the snapshot is open.

    Args:
        session: the snapshot to read.
        since_us: from when on it was stored, in microseconds since 1970.
        until_us: until when, exclusive.

    Returns:
        A stretch in which all spans were stored that name a node, or a run, of which it says so.
    """
    session.run(Query.MATERIALIZED_KEEP_TOLD, since_us=since_us, until_us=until_us)
    return session.stretch_of(Query.MATERIALIZED_TOLD_IDS, MOST_IDS)


def materialize_slice(database: Database, most: int = SLICE) -> bool:
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
        before, last_us = read_state(session), session.as_of + 1
        if last_us <= before.until_us:
            return False
        shown_us = session.one(Query.MATERIALIZED_REACHED, since_us=before.until_us)["reached_us"]
        reached_us = max(last_us, shown_us, before.reached_us or 0)
        within = {"since_us": before.until_us, "until_us": last_us}
        within["until_us"] = session.one(Query.MATERIALIZED_SLICE_END, **within, most=most)["until_us"]
        stored = stage_changes(session, **within)
        is_new = before.has_none_of(stored)
        session.run(Query.MATERIALIZED_CHANGED, is_new=is_new, may_be_known=not is_new, most=PART)
        seen = session.table(Query.MATERIALIZED_SEEN_CHANGES)
        for part in session.rows(Query.MATERIALIZED_PARTS):
            nodes = session.table(Query.MATERIALIZED_NODES, part=part["part"])
            part["is_new"] = is_new and part["is_new"]
            _replace_work(database, nodes, session.table(Query.MATERIALIZED_WORK, **part, **stored.bounds), reached_us)
    with database.writing(outdates=False) as session:
        if database.clock_setbacks == setbacks:  # else something may have been stored since, at an earlier time
            session.run(Query.MATERIALIZED_FORGET)
            session.run(Query.MATERIALIZED_ADVANCE, until_us=within["until_us"], reached_us=reached_us)
        if seen.num_rows:
            session.register("seen_changes", seen)
            session.run(Query.MATERIALIZED_FORGET_CHANGES)
    return within["until_us"] < last_us


class Materializer:
    """Works out slice by slice. Where nothing was left to do, the store is read no more until something is stored: an
    open snapshot and the state cost some 5 ms of CPU each, every two seconds, for as long as the collector runs.

    Args:
        database: the store.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._finished: tuple[int, int] | None = None

    def run_slice(self) -> bool:
        """Works out what has changed, as `materialize_slice` does, if anything can have.

        Returns:
            Whether there may be more.

        Raises:
            StoreError: when the store can't be used now.
        """
        # A clock that was set back has the time withdrawn until which all is materialized.
        seen = self._database.committed_us, self._database.clock_setbacks
        if seen == self._finished:
            return False
        has_more = materialize_slice(self._database)
        self._finished = None if has_more else seen
        return has_more


def _replace_work(database: Database, outdated: pa.Table, work: pa.Table, reached_us: int) -> None:
    """What is written belongs to an older snapshot, which does no harm: what has changed since is worked out again."""
    with database.writing(outdates=False) as session:
        session.run(Query.MATERIALIZED_REACH, reached_us=reached_us)
        if outdated.num_rows:  # to look for none takes as long as for many
            session.register("outdated_nodes", outdated)
            session.run(Query.MATERIALIZED_DELETE_WORK)
        if work.num_rows:
            session.insert(Query.MATERIALIZED_INSERT_WORK, work)


def background(database: Database, first: float = _FIRST) -> Background:
    """Returns what does so again and again.

    Args:
        database: the store.
        first: seconds to the first look.
    """
    return create_sliced_background(
        "materializing",
        database,
        Materializer(database).run_slice,
        _INTERVAL,
        first,
        "figures could not be worked out ahead",
    )
