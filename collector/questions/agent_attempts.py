"""Attempts at steps of agents of others that began in a time range: what is remembered of parts of it, and of the
other parts what the spans say."""

from itertools import pairwise
from typing import Final

import pyarrow as pa

from collector.questions.windows import Range
from collector.store.database import Session
from collector.store.queries import Query
from collector.store.recollection import Subject, TimePart

#: Containers whose traces are looked at together: to walk those of a whole day at once takes gigabytes.
_TOGETHER: Final = 25_000

#: Columns of which few values are different.
_REPEATED: Final = ("workflow", "step", "agent", "service", "source", "outcome")


def find_attempts(session: Session, within: Range) -> pa.Table:
    """Returns attempts as `steps/others.sql` has them: all that began in a range, and some that began right beside it.

    Args:
        session: the snapshot to read.
        within: the range; none began long before or after the first and the last of them.
    """
    parts = TimePart.covering(Subject.ATTEMPTS, within.first_ns, within.end_ns)
    if not parts:
        return _compute_attempts(session, within)
    new = _find_last_stored(session, parts)
    return pa.concat_tables([_read_part(session, part, new) for part in parts])


def _find_last_stored(session: Session, parts: list[TimePart]) -> dict[int, int]:
    """Returns when containers were stored last that began in a part, by its place, of those that were since any part of
    these was known."""
    since = [known.as_of for part in parts if (known := session.get_remembered(part)) is not None]
    if not since:
        return {}
    rows = session.rows(
        Query.STEPS_OTHERS_NEW,
        first_ns=parts[0].first_ns,
        end_ns=parts[-1].end_ns,
        since_us=min(since),
        length_ns=parts[0].length_ns,
    )
    return {row["place"]: row["stored_us"] for row in rows}


def _read_part(session: Session, part: TimePart, new: dict[int, int]) -> pa.Table:
    known = session.get_remembered(part)
    if known and new.get(part.place, known.as_of) <= known.as_of and (kept := session.recall_rows(part)) is not None:
        return kept
    within = Range(part.first_ns, part.end_ns, None)
    traces = session.table(Query.STEPS_OTHERS_TRACES, first_ns=within.first_ns, end_ns=within.end_ns, most=None)
    rows = _compute_attempts(session, within)
    session.remember(part, rows, traces)
    return rows


def _compute_attempts(session: Session, within: Range) -> pa.Table:
    """Returns what the spans say, of some at a time: of each it is what began then, whatever else its traces hold."""
    found = session.rows(Query.STEPS_OTHERS_PARTS, first_ns=within.first_ns, end_ns=within.end_ns, most=_TOGETHER)
    limits = [within.first_ns, *sorted({row["first_ns"] for row in found} - {within.first_ns}), within.end_ns]
    rows = pa.concat_tables([_compute_batch(session, Range(first, end, None)) for first, end in pairwise(limits)])
    for name in _REPEATED:
        rows = rows.set_column(rows.schema.get_field_index(name), name, rows.column(name).dictionary_encode())
    return rows.unify_dictionaries().combine_chunks()


def _compute_batch(session: Session, within: Range) -> pa.Table:
    bounds = {"first_ns": within.first_ns, "end_ns": within.end_ns}
    stored = session.stretch_of(Query.STEPS_OTHERS_TRACES, 2 * _TOGETHER, **bounds)
    rows = session.table(Query.STEPS_OTHERS, **bounds, **stored.bounds)
    session.note_part_done()
    return rows
