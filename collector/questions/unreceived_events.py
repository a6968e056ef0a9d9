"""Events that may have been received by nobody: what is known of them is brought up to date."""

import pyarrow as pa
import pyarrow.compute as pc

from collector.questions import candidates
from collector.questions.candidates import CandidateIds
from collector.store.database import Session
from collector.store.queries import Query


def find_candidates(session: Session) -> CandidateIds | None:
    """Returns events that none of our groups received, as far as spans tell; None for too many. Some of them may have
    been received by others, or as a marker or a dead letter tells.

    Args:
        session: the snapshot to read.
    """
    known = session.get_unreceived()
    if known is None:
        every = candidates.find_candidates(session, Query.CLUES_UNRECEIVED, since_us=None, as_of=session.as_of)
        session.note_unreceived(None if every is None else every.ids)
        return every
    if known.ids is None:
        return None
    if known.as_of == session.as_of:
        return CandidateIds(known.ids)
    session.register("known", known.ids)
    every = candidates.find_candidates(session, Query.CLUES_UNRECEIVED, since_us=known.as_of, as_of=session.as_of)
    if every is not None:
        every = _drop_late_events(session, every, known.ids)
    session.note_unreceived(None if every is None else every.ids)
    return every


def _drop_late_events(session: Session, every: CandidateIds, known: pa.Table) -> CandidateIds:
    """Leaves out events that were told after they were received: processes send spans in an order of their own."""
    new = every.ids.filter(pc.invert(pc.is_in(every.ids.column("id"), known.column("id").combine_chunks())))
    late = candidates.follow_candidates(session, CandidateIds(new), Query.CLUES_RECEIVED) if new.num_rows else None
    if late is None or not late.ids.num_rows:
        return every
    return CandidateIds(
        every.ids.filter(pc.invert(pc.is_in(every.ids.column("id"), late.ids.column("id").combine_chunks())))
    )
