"""The transactions that remove: each is short, and beside the writer's, who never touches what they do."""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

import pyarrow as pa

from collector.store.database import Database, Session
from collector.store.queries import Query
from collector.store.queries.upkeep import Upkeep
from collector.store.retention.chains import OldTrace, Portion, group_chains, make_portions, take_enough

#: Records that a slice holds about: what is looked at together. A look costs a scan of the columns of ids.
SLICE_RECORDS: Final = 200_000

#: Records that one transaction removes about.
PORTION_RECORDS: Final = 50_000

#: What goes of traces, and before that what is to be known of it.
_WITHIN: Final = (Query.MATERIALIZED_NOTE_DOOMED, Upkeep.RETENTION_DELETE_SPANS, Upkeep.RETENTION_DELETE_PENDING)

#: What hangs on traces, after the spans themselves.
_OF_TRACES: Final = (
    Upkeep.RETENTION_DELETE_EVENTS,
    Upkeep.RETENTION_DELETE_LINKS,
    Upkeep.RETENTION_DELETE_SUPERSEDED,
    Upkeep.RETENTION_DELETE_LOGS,
)


def find_slice_end(database: Database, from_ns: int, until_ns: int, most: int | None) -> int:
    """Returns how far a slice reaches that begins at a time, which is `until_ns` at most.

    Args:
        database: where to look.
        from_ns: where it begins.
        until_ns: where it ends at the latest.
        most: records that it holds about, data points among them; None for a slice of usual size without those.
    """
    with database.reading() as session:
        row = session.one(
            Upkeep.RETENTION_SLICE_END,
            from_ns=from_ns,
            until_ns=until_ns,
            most=SLICE_RECORDS if most is None else min(SLICE_RECORDS, most),
            with_points=most is not None,
        )
    return int(row["until_ns"])


def find_old_chains(database: Database, until_ns: int, most: int | None, *, keep_unfinished: bool) -> list[Portion]:
    """Returns the chains that are over before a time, each whole.

    Args:
        database: where to look.
        until_ns: chains that have anything younger stay.
        most: records after which there are enough, or None.
        keep_unfinished: whether chains stay that hold work which is not done.
    """
    with database.reading() as session:
        session.run(Upkeep.RETENTION_OLD_TRACES, until_ns=until_ns)
        session.run(Upkeep.RETENTION_OLD_KEYS)
        rows = session.rows(Upkeep.RETENTION_OLD_LIST)
        if not rows:
            return []
        ties = [(row["number"], row["other"]) for row in session.rows(Upkeep.RETENTION_OLD_TIES)]
        held = [row["number"] for row in session.rows(Upkeep.RETENTION_OLD_HELD, keep_unfinished=keep_unfinished)]
    traces = [OldTrace(**{name: value for name, value in row.items() if name != "number"}) for row in rows]
    chains = group_chains(traces, ties, held)
    return list(make_portions(chains if most is None else take_enough(chains, most), PORTION_RECORDS))


def remove_chains(database: Database, portion: Portion) -> None:
    """Removes chains with all that hangs on them, in one transaction."""
    doomed = pa.table({"trace_id": [trace.trace_id for trace in portion.traces]})
    with database.clearing() as session:
        session.register("doomed", doomed)
        session.note_removed([UUID(trace.trace_id) for trace in portion.traces])
        for query in _WITHIN:
            session.run(query, first_ns=portion.first_ns, last_ns=portion.last_ns)
        for query in _OF_TRACES:
            session.run(query)


def cut_spans(database: Database, until_ns: int, most: int | None) -> Iterator[int]:
    """Removes spans that began before a time, whatever they belong to, the oldest first.

    Args:
        database: the store.
        until_ns: where to stop.
        most: how many spans, or None.

    Yields:
        After each transaction: how many spans are gone.
    """
    left = most
    while left is None or left > 0:
        with database.clearing() as session:
            portion = PORTION_RECORDS if left is None else min(PORTION_RECORDS, left)
            session.run(Upkeep.RETENTION_CUT_SPANS, until_ns=until_ns, most=portion)
            spans = int(session.one(Upkeep.RETENTION_CUT_COUNT)["spans"])
            if spans:
                session.note_amended()
                session.run(Upkeep.RETENTION_DELETE_CUT_EVENTS)
                session.run(Upkeep.RETENTION_DELETE_CUT_LINKS)
                session.run(Upkeep.RETENTION_DELETE_CUT_SUPERSEDED)
                session.run(Query.MATERIALIZED_NOTE_CUT, until_ns=until_ns)
                session.run(Upkeep.RETENTION_DELETE_CUT_SPANS, until_ns=until_ns)
        if not spans:
            break
        left = None if left is None else left - spans
        yield spans
    with database.clearing() as session:
        session.run(Query.MATERIALIZED_NOTE_CUT_PENDING, until_ns=until_ns)
        session.run(Upkeep.RETENTION_DELETE_CUT_PENDING, until_ns=until_ns)


def remove_logs(database: Database, until_ns: int) -> int:
    """Removes log records older than a time that belong to no trace which is stored; returns how many."""
    with database.clearing() as session:
        return _run_and_count(session, Upkeep.RETENTION_DELETE_STRAY_LOGS, until_ns)


def remove_points(database: Database, until_ns: int) -> int:
    """Removes data points older than a time; returns how many."""
    with database.clearing() as session:
        return _run_and_count(session, Upkeep.RETENTION_DELETE_POINTS, until_ns)


def remove_rejections(database: Database, until_ns: int) -> None:
    """Forgets what was refused, and what came again, before a time."""
    with database.clearing() as session:
        session.run(Upkeep.RETENTION_DELETE_REJECTIONS, until_ns=until_ns)
        session.run(Upkeep.RETENTION_DELETE_REPLACEMENTS, until_ns=until_ns)


def remove_sources(database: Database) -> None:
    """Removes resources and scopes that nothing names any more. The writer waits meanwhile: it leaves out those that
    are stored, and one that went in that moment would be missing."""
    for unused, delete in (
        (Upkeep.RETENTION_UNUSED_RESOURCES, Upkeep.RETENTION_DELETE_RESOURCES),
        (Upkeep.RETENTION_UNUSED_SCOPES, Upkeep.RETENTION_DELETE_SCOPES),
    ):
        with database.reading() as session:
            ids: Sequence[int] = [row["id"] for row in session.rows(unused)]
        if ids:
            with database.writing() as session:
                session.run(delete, ids=ids)
                database.note_source_changes()


def _run_and_count(session: Session, query: Upkeep, until_ns: int) -> int:
    row = session.one(query, until_ns=until_ns)
    return int(row["Count"])
