"""Events of a page among some whose ids are known, as `events/list.sql` lists them: that plans what finds ids, too."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import pyarrow as pa

from collector.questions import list_batches
from collector.store.database import Row, Session
from collector.store.queries import Query


def list_events_of_ids(
    session: Session, ids: Sequence[UUID], page: Mapping[str, Any], *, channel: str | None, payload_most: int
) -> list[Row]:
    """Returns the rows of a page, newest first; what is not published is as who received it tells.

    Args:
        session: the snapshot to read.
        ids: of events.
        page: where it begins, its time range, and how many rows fill it, as `newest_pages` says that.
        channel: of this channel only.
        payload_most: characters of each payload.
    """
    stored = {"as_of": page["as_of"], **session.stretch(ids).bounds}
    published = session.rows(Query.EVENTS_PUBLISHED, events=ids, payload_most=payload_most, **stored)
    told = _merge_rows(published)
    others = [event for event in ids if event not in told]
    received = session.rows(Query.EVENTS_RECEIVED, events=others, **stored) if others else []
    rows = [row for row in (*told.values(), *received) if _is_on_page(row, page, channel)]
    rows.sort(key=lambda row: (row["start_ns"], row["event_id"]), reverse=True)
    return [{**row, "listed_ns": row["start_ns"]} for row in rows[: page["most"]]]


def split_newest_first(
    session: Session, ids: Sequence[UUID], page: Mapping[str, Any], most: int
) -> Iterator[list[UUID]]:
    """Returns parts of some events in the order of the list, by a look at their times.

    Args:
        session: the snapshot to read.
        ids: of events.
        page: as for `list_events_of_ids`.
        most: events of a part.
    """
    stored = {"as_of": page["as_of"], **session.stretch(ids).bounds}
    placed = session.table(Query.EVENTS_PLACED, events=ids, **stored)
    if placed.num_rows < len(ids):
        known = set(placed.column("id").to_pylist())
        others = [event for event in ids if event.bytes not in known]
        received = session.rows(Query.EVENTS_RECEIVED, events=others, **stored)
        told = {"id": [row["event_id"].bytes for row in received], "start_ns": [row["start_ns"] for row in received]}
        placed = pa.concat_tables([placed, pa.table(told, placed.schema)])
    return list_batches.split_newest_first(placed, page["before_ns"], most)


def _merge_rows(rows: Sequence[Row]) -> dict[UUID, Row]:
    """Returns one row an event, of what is said of it the first; an event may be told by several spans."""
    found: dict[UUID, Row] = {}
    for row in rows:
        known = found.get(row["event_id"])
        if known is None:
            found[row["event_id"]] = row
        else:
            said = {name: row[name] if value is None else value for name, value in known.items()}
            found[row["event_id"]] = said | {"start_ns": min(row["start_ns"], known["start_ns"])}
    return found


def _is_on_page(row: Row, page: Mapping[str, Any], channel: str | None) -> bool:
    begins = page["first_ns"] <= row["start_ns"] < page["end_ns"]
    is_behind = (row["start_ns"], row["event_id"]) < (page["before_ns"], page["before_id"])
    return begins and is_behind and (channel is None or (row["channel"] or "") == channel)
