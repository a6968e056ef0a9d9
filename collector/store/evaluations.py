"""Work that log records judge: what is worked out ahead of it holds its scores."""

from uuid import UUID

import pyarrow as pa

from collector.store.database import Session
from collector.store.queries import Query


def note_logged_evaluations(session: Session) -> None:
    """Notes of which work evaluations are among the log records that are stored just now.

    Args:
        session: the transaction into which they are written, which was offered them as `incoming_logs`.
    """
    note_evaluated_spans(session, session.table(Query.MATERIALIZED_JUDGED))


def note_evaluated_spans(session: Session, spans: pa.Table) -> None:
    """Notes which work was judged.

    Args:
        session: the transaction into which evaluations are written.
        spans: those that are judged, with `trace_id` and `span_id`.
    """
    if not spans.num_rows:
        return
    stored = session.stretch(UUID(text) for text in spans.column("trace_id").unique().to_pylist())
    session.register("judged_spans", spans)
    session.run(Query.MATERIALIZED_NOTE_JUDGED, **stored.bounds)
