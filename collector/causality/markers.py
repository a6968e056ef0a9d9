"""Markers of work that is under way: they count until its span has arrived, which is their parent."""

from collections.abc import Sequence

from collector.store.database import Row, Session
from collector.store.queries import Query


def drop_arrived_markers(session: Session, records: Sequence[Row]) -> list[Row]:
    """Returns records without the markers of work that has arrived.

    Args:
        session: the snapshot to read.
        records: of the view `work_records`, some of which may be `running`.
    """
    marked = [row for row in records if row["running"]]
    if not marked:
        return list(records)
    traces = sorted({row["trace_id"] for row in marked})
    spans = sorted({row["parent_span_id"] for row in marked if row["parent_span_id"] is not None})
    stored = session.stretch(traces).bounds
    rows = session.rows(Query.WORK_ARRIVED, traces=traces, spans=spans, **stored) if spans else []
    arrived = {(row["trace_id"], row["span_id"]) for row in rows}
    return [row for row in records if not (row["running"] and (row["trace_id"], row["parent_span_id"]) in arrived)]
