"""Reads spans anew that were stored by older rules: what they say has columns that it had not then.

In slices, each in a transaction of its own that notes how far it came, so that a restart goes on where the last one
ended.
"""

from dataclasses import dataclass
from typing import Final

from collector.store import span_refresh
from collector.store.background import Background, create_sliced_background
from collector.store.database import Database, Session
from collector.store.queries import Query
from collector.store.queries.upkeep import Upkeep

#: The number of the rules by which spans are read: one more whenever names, roles or endings change.
RULES: Final = 7

#: Spans of one slice, about.
SLICE: Final = 5_000

#: Seconds from the end of a pass to the next look, and to the first one: a start, and who waited for it, come first.
_INTERVAL: Final = 60.0
_FIRST: Final = 2.0


@dataclass(frozen=True, slots=True)
class _Pass:
    since_us: int
    until_us: int
    next_ns: int | None

    @property
    def stored_bounds(self) -> dict[str, int]:
        """When what is read was stored."""
        return {"since_us": self.since_us, "until_us": self.until_us}


def reread_slice(database: Database, most: int = SLICE) -> bool:
    """Reads one slice anew.

    Args:
        database: the store.
        most: spans of it, about.

    Returns:
        Whether there may be more.

    Raises:
        StoreError: when the store can't be used now.
    """
    at = _get_current_pass(database)
    if at.next_ns is None:
        return False
    with database.reading() as session:
        bounds = {"from_ns": at.next_ns, **at.stored_bounds}
        until_ns = session.one(Upkeep.REREADING_SLICE_END, most=most, **bounds)["until_ns"]
    with database.writing() as session:
        if until_ns is not None:
            session.run(Upkeep.REREADING_CHOOSE_SLICE, **bounds, until_ns=until_ns)
            session.run(Query.MATERIALIZED_NOTE_REREAD)
            span_refresh.refresh_spans(session)
        session.run(Upkeep.REREADING_REACH, next_ns=until_ns)
    return until_ns is not None


def schedule_rereading(session: Session, since_us: int) -> None:
    """Has spans read anew that were stored by an import, whose file may be of an older collector.

    Args:
        session: a transaction.
        since_us: when the first of them was stored, in microseconds since 1970.
    """
    rows = session.rows(Upkeep.REREADING_STATE)
    if rows and (rows[0]["rules"] != RULES or rows[0]["next_ns"] is not None):
        since_us = min(since_us, rows[0]["since_us"])
    elif not rows:
        since_us = 0
    session.run(Upkeep.REREADING_FORGET)
    session.run(Upkeep.REREADING_BEGIN, rules=RULES, since_us=since_us)


def _get_current_pass(database: Database) -> _Pass:
    """Returns how far the pass of today's rules is; begins it where there was none."""
    with database.reading() as session:
        rows = session.rows(Upkeep.REREADING_STATE)
    if not rows or rows[0]["rules"] != RULES:
        with database.writing(outdates=False) as session:
            session.run(Upkeep.REREADING_FORGET)
            session.run(Upkeep.REREADING_BEGIN, rules=RULES, since_us=0)
            rows = session.rows(Upkeep.REREADING_STATE)
    return _Pass(rows[0]["since_us"], rows[0]["until_us"], rows[0]["next_ns"])


def background(database: Database, first: float = _FIRST) -> Background:
    """Returns what reads anew all that has to be.

    Args:
        database: the store.
        first: seconds to the first look.
    """
    return create_sliced_background(
        "rereading", database, lambda: reread_slice(database), _INTERVAL, first, "older spans could not be read anew"
    )
