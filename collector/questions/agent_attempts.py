"""Attempts at steps of agents of others that began in a time range: what is remembered of parts of it, and of the
other parts what the spans say."""

from itertools import pairwise
from typing import Final

import pyarrow as pa

from collector.questions.windows import Range
from collector.store.database import Session
from collector.store.queries import Query
from collector.store.recollection import Part

#: Containers whose traces are looked at together: to walk those of a whole day at once takes gigabytes.
_TOGETHER: Final = 25_000

#: How long parts are that are remembered, and how many a range has at most.
_LENGTHS_NS: Final = tuple(seconds * 10**9 for seconds in (900, 3_600, 6 * 3_600, 86_400))
_MOST_PARTS: Final = 400
_FEW_PARTS: Final = 32

#: Columns of which few values are different.
_REPEATED: Final = ("workflow", "step", "agent", "service", "source", "outcome")


def find(session: Session, within: Range) -> pa.Table:
    """Returns attempts as `steps/others.sql` has them: all that began in a range, and some that began right beside it.

    Args:
        session: the snapshot to read.
        within: the range; none began long before or after the first and the last of them.
    """
    parts = _parts(within)
    if len(parts) > _MOST_PARTS:  # somebody's clock is years away
        return _worked_out(session, within)
    new = _new(session, parts)
    return pa.concat_tables([_part(session, part, new) for part in parts])


def _parts(within: Range) -> list[Part]:
    for length_ns in _LENGTHS_NS:
        places = range(within.first_ns // length_ns, -(-within.end_ns // length_ns))
        if len(places) <= _FEW_PARTS:
            break
    return [Part(length_ns, place) for place in places]


def _new(session: Session, parts: list[Part]) -> dict[int, int]:
    """Returns when containers were stored last that began in a part, by its place, of those that were since any part of
    these was known."""
    since = [known for part in parts if (known := session.known_since(part)) is not None]
    if not since:
        return {}
    within = _range(parts[0]).first_ns, _range(parts[-1]).end_ns
    rows = session.rows(
        Query.STEPS_OTHERS_NEW,
        first_ns=within[0],
        end_ns=within[1],
        since_us=min(since),
        length_ns=parts[0].length_ns,
    )
    return {row["place"]: row["stored_us"] for row in rows}


def _part(session: Session, part: Part, new: dict[int, int]) -> pa.Table:
    since = session.known_since(part)
    if since is not None and new.get(part.place, since) <= since and (kept := session.recalled(part)) is not None:
        return kept
    within = _range(part)
    traces = session.table(Query.STEPS_OTHERS_TRACES, first_ns=within.first_ns, end_ns=within.end_ns, most=None)
    rows = _worked_out(session, within)
    session.remember(part, rows, traces)
    return rows


def _range(part: Part) -> Range:
    return Range(part.place * part.length_ns, (part.place + 1) * part.length_ns, None)


def _worked_out(session: Session, within: Range) -> pa.Table:
    """Returns what the spans say, of some at a time: of each it is what began then, whatever else its traces hold."""
    found = session.rows(Query.STEPS_OTHERS_PARTS, first_ns=within.first_ns, end_ns=within.end_ns, most=_TOGETHER)
    limits = [within.first_ns, *sorted({row["first_ns"] for row in found} - {within.first_ns}), within.end_ns]
    rows = pa.concat_tables([_together(session, Range(first, end, None)) for first, end in pairwise(limits)])
    for name in _REPEATED:
        rows = rows.set_column(rows.schema.get_field_index(name), name, rows.column(name).dictionary_encode())
    return rows.unify_dictionaries().combine_chunks()


def _together(session: Session, within: Range) -> pa.Table:
    bounds = {"first_ns": within.first_ns, "end_ns": within.end_ns}
    stored = session.stretch_of(Query.STEPS_OTHERS_TRACES, 2 * _TOGETHER, **bounds)
    return session.table(Query.STEPS_OTHERS, **bounds, **stored.bounds)
