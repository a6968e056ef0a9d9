"""Events that may have been received by nobody: what is known of them is brought up to date."""

import pyarrow as pa
import pyarrow.compute as pc

from collector.questions import clues
from collector.questions.clues import Found
from collector.store.database import Session
from collector.store.queries import Query


def found(session: Session) -> Found | None:
    """Returns events that none of our groups received, as far as spans tell; None for too many. Some of them may have
    been received by others, or as a marker or a dead letter tells.

    Args:
        session: the snapshot to read.
    """
    known = session.unreceived()
    if known is None:
        every = clues.look(session, Query.CLUES_UNRECEIVED, since_us=None, as_of=session.as_of)
        session.note_unreceived(None if every is None else every.ids)
        return every
    if known.ids is None:
        return None
    if known.as_of == session.as_of:
        return Found(known.ids)
    session.offer("known", known.ids)
    every = clues.look(session, Query.CLUES_UNRECEIVED, since_us=known.as_of, as_of=session.as_of)
    if every is not None:
        every = _without_late(session, every, known.ids)
    session.note_unreceived(None if every is None else every.ids)
    return every


def _without_late(session: Session, every: Found, known: pa.Table) -> Found:
    """Leaves out events that were told after they were received: processes send spans in an order of their own."""
    new = every.ids.filter(pc.invert(pc.is_in(every.ids.column("id"), known.column("id").combine_chunks())))
    late = clues.follow(session, Found(new), Query.CLUES_RECEIVED) if new.num_rows else None
    if late is None or not late.ids.num_rows:
        return every
    return Found(every.ids.filter(pc.invert(pc.is_in(every.ids.column("id"), late.ids.column("id").combine_chunks()))))
