"""Rows that all spans of a trace decide, of a time range: what is remembered of parts of it, brought up to date trace
by trace, and of the other parts what the spans say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from collector.questions.windows import Range
from collector.store.database import Session
from collector.store.queries import Query
from collector.store.recollection import PartResult, Subject, TimePart
from collector.store.sightings import EVERYTHING

#: Rows whose traces are looked at together, about: those of a whole day at once take gigabytes.
_TOGETHER: Final = 50_000

#: Into how many slots a range, or a part of it, is cut at least to that end.
_SLOTS: Final = 16

#: Traces that are brought up to date: of more, parts are worked out anew.
_MOST_TRACES: Final = 20_000


@dataclass(frozen=True, slots=True)
class RowKind:
    """A kind of rows, each with its trace as `trace_id`, as bytes, and when it began as `start_ns`.

    Attributes:
        subject: what they are about.
        found: those that began in a range of time, or those of some traces.
        traces: in which something began in a range that may be such a row.
        affected: the traces of which rows may be others by what was stored since a time.
        told: columns that this reads.
        repeated: columns of which few values are different.
    """

    subject: Subject
    found: Query
    traces: Query
    affected: Query
    told: tuple[str, ...]
    repeated: tuple[str, ...] = ()


def find_rows_between(session: Session, kind: RowKind, within: Range) -> pa.Table:
    """Returns all rows that began in a range, and some that began right beside it.

    Args:
        session: the snapshot to read.
        kind: of which.
        within: the range.
    """
    parts = TimePart.covering(kind.subject, within.first_ns, within.end_ns)
    if not parts:
        slot_ns = max(1, (within.end_ns - within.first_ns) // (_SLOTS * _SLOTS))
        return pa.concat_tables(
            _compute_rows(session, kind, within, _query_slots(session, kind, within, slot_ns), slot_ns)
        )
    known = {part: kept for part in parts if (kept := session.get_remembered(part)) is not None}
    found = _update_parts(session, kind, parts, known) if known else {}
    for follow in _group_consecutive([part for part in parts if part not in found]):
        found |= _compute_parts(session, kind, follow)
    return pa.concat_tables([found[part] for part in parts])


def find_rows_of_traces(session: Session, kind: RowKind, traces: Iterable[UUID]) -> pa.Table:
    """Returns the same of some traces.

    Args:
        session: the snapshot to read.
        kind: of which.
        traces: their ids.
    """
    return _query_traces(session, kind, list(traces), first_ns=None, end_ns=None)


def _query_traces(
    session: Session, kind: RowKind, traces: Sequence[UUID], *, first_ns: int | None, end_ns: int | None
) -> pa.Table:
    stored = session.stretch(traces)
    return session.table(kind.found, traces=traces, first_ns=first_ns, end_ns=end_ns, **stored.bounds)


def _update_parts(
    session: Session, kind: RowKind, parts: Sequence[TimePart], known: Mapping[TimePart, PartResult]
) -> dict[TimePart, pa.Table]:
    """Returns the rows of parts that are remembered, with those of traces of which anything has changed since read
    anew; nothing where these are too many."""
    since_us = min(kept.as_of for kept in known.values())
    if since_us < session.as_of:
        affected = _find_affected_traces(session, kind, parts, known, since_us)
        if affected.num_rows > _MOST_TRACES:
            return {}
        if affected.num_rows:
            return _amend_parts(session, kind, parts, known, affected)
    for part, kept in known.items():
        session.remember(part, kept.rows, kept.traces)
    return {part: kept.rows for part, kept in known.items()}


def _find_affected_traces(
    session: Session, kind: RowKind, parts: Sequence[TimePart], known: Mapping[TimePart, PartResult], since_us: int
) -> pa.Table:
    session.register("known_rows", pa.concat_tables([kept.rows.select(kind.told) for kept in known.values()]))
    session.register("known_traces", pa.concat_tables([kept.traces for kept in known.values()]))
    bounds = {"first_ns": parts[0].first_ns, "end_ns": parts[-1].end_ns}
    return session.table(kind.affected, since_us=since_us, most=_MOST_TRACES + 1, **bounds)


def _amend_parts(
    session: Session, kind: RowKind, parts: Sequence[TimePart], known: Mapping[TimePart, PartResult], affected: pa.Table
) -> dict[TimePart, pa.Table]:
    whole = _whole_range(parts)
    ids = affected.column("id").combine_chunks()
    traces = [UUID(bytes=id_.as_py()) for id_ in ids]
    rows = _query_traces(session, kind, traces, first_ns=whole.first_ns, end_ns=whole.end_ns)
    slots = _query_slots(session, kind, whole, parts[0].length_ns, traces)
    found = {}
    for part, (new, depends) in _divide_rows(kind, parts, rows, slots, parts[0].length_ns).items():
        if part not in known:
            continue
        kept = known[part]
        left = kept.rows.filter(pc.invert(pc.is_in(kept.rows.column("trace_id"), ids)))
        if left.num_rows == kept.rows.num_rows and not depends.num_rows:
            found[part] = kept.rows
            session.remember(part, kept.rows, kept.traces)
        else:
            found[part] = _compact_rows(kind, pa.concat_tables([left, new]))
            session.remember(part, found[part], _distinct_ids(pa.concat_tables([kept.traces, depends])))
    return found


def _compute_parts(session: Session, kind: RowKind, parts: Sequence[TimePart]) -> dict[TimePart, pa.Table]:
    """Works out parts that follow each other, some at a time: what is done is remembered, also if the rest takes too
    long."""
    slot_ns = parts[0].length_ns // _SLOTS
    slots = _query_slots(session, kind, _whole_range(parts), slot_ns)
    found = {}
    for together in _group_by_size(parts, slots):
        rows = pa.concat_tables(_compute_rows(session, kind, _whole_range(together), slots, slot_ns))
        for part, (new, depends) in _divide_rows(kind, together, rows, slots, slot_ns).items():
            found[part] = new
            session.remember(part, new, depends)
    return found


def _group_by_size(parts: Sequence[TimePart], slots: pa.Table) -> list[list[TimePart]]:
    """Returns parts put together up to about so many rows."""
    places, rows = slots.column("slot").to_numpy() // _SLOTS, slots.column("rows").to_numpy()
    begins = np.searchsorted(places, [part.place for part in parts])
    before = np.concatenate([[0], np.cumsum(rows)])[begins]
    found: dict[int, list[TimePart]] = {}
    for part, number in zip(parts, before // _TOGETHER, strict=True):
        found.setdefault(int(number), []).append(part)
    return list(found.values())


def _whole_range(parts: Sequence[TimePart]) -> Range:
    return Range(parts[0].first_ns, parts[-1].end_ns, None)


def _query_slots(
    session: Session, kind: RowKind, within: Range, slot_ns: int, traces: Sequence[UUID] | None = None
) -> pa.Table:
    stored = EVERYTHING if traces is None else session.stretch(traces)
    bounds = {"first_ns": within.first_ns, "end_ns": within.end_ns}
    return session.table(kind.traces, slot_ns=slot_ns, traces=traces, **bounds, **stored.bounds)


def _compute_rows(session: Session, kind: RowKind, within: Range, slots: pa.Table, slot_ns: int) -> list[pa.Table]:
    """Returns what the spans say, of some at a time: of each it is what began then, whatever else its traces hold."""
    mine = slots.filter(_mask_within(slots.column("slot"), within.first_ns // slot_ns, -(-within.end_ns // slot_ns)))
    numbers, before = mine.column("slot").to_numpy(), np.cumsum(mine.column("rows").to_numpy())
    begins = np.flatnonzero(np.diff(before // _TOGETHER)) + 1
    later = sorted({int(number) * slot_ns for number in numbers[begins]} - {within.first_ns})
    return [
        _compute_piece(session, kind, first_ns, end_ns, mine, slot_ns)
        for first_ns, end_ns in pairwise([within.first_ns, *later, within.end_ns])
    ]


def _compute_piece(
    session: Session, kind: RowKind, first_ns: int, end_ns: int, slots: pa.Table, slot_ns: int
) -> pa.Table:
    ids = slots.filter(_mask_within(slots.column("slot"), first_ns // slot_ns, -(-end_ns // slot_ns)))
    bounds = {"first_ns": first_ns, "end_ns": end_ns, **session.stretch_of_ids(ids).bounds}
    rows = _compact_rows(kind, session.table(kind.found, traces=None, **bounds))
    session.note_part_done()
    return rows


def _divide_rows(
    kind: RowKind, parts: Sequence[TimePart], rows: pa.Table, slots: pa.Table, slot_ns: int
) -> dict[TimePart, tuple[pa.Table, pa.Table]]:
    """Returns of each part the rows that began in it, and the traces that these depend on."""
    found = {}
    for part in parts:
        mine = rows.filter(_mask_within(rows.column("start_ns"), part.first_ns, part.end_ns))
        traces = slots.filter(_mask_within(slots.column("slot"), part.first_ns // slot_ns, part.end_ns // slot_ns))
        found[part] = _compact_rows(kind, mine), _distinct_ids(traces.select(["id"]))
    return found


def _mask_within(column: pa.ChunkedArray, first: int, end: int) -> pa.ChunkedArray:
    return pc.and_(pc.greater_equal(column, first), pc.less(column, end))


def _compact_rows(kind: RowKind, rows: pa.Table) -> pa.Table:
    for name in kind.repeated:
        place = rows.schema.get_field_index(name)
        if not pa.types.is_dictionary(rows.schema.field(place).type):
            rows = rows.set_column(place, name, rows.column(name).dictionary_encode())
    return rows.unify_dictionaries().combine_chunks()


def _distinct_ids(ids: pa.Table) -> pa.Table:
    return pa.table({"id": ids.column("id").unique()})


def _group_consecutive(parts: Sequence[TimePart]) -> list[list[TimePart]]:
    """Returns parts put together where they follow each other."""
    found: list[list[TimePart]] = []
    for part in parts:
        if found and found[-1][-1].place + 1 == part.place:
            found[-1].append(part)
        else:
            found.append([part])
    return found
