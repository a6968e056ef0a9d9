"""The dead letters of deliveries, as spans tell of them. The live bus knows better, this is history."""

from collections.abc import Sequence
from uuid import UUID

from collector.store.database import Row, Session
from collector.store.queries import Query


def find_give_up_times(session: Session, deliveries: Sequence[UUID]) -> dict[UUID, int]:
    """Returns when deliveries gave up, in nanoseconds, of those that did.

    Args:
        session: the snapshot to read.
        deliveries: their nodes.
    """
    letters = reversed(_read_letters(session, deliveries))
    return {row["delivery_id"]: row["start_ns"] for row in letters}  # of several the first


def find_settlements(session: Session, deliveries: Sequence[UUID]) -> dict[UUID, str | None]:
    """Returns the kinds of the nodes that settled the letters of deliveries which gave up; None while one waits.

    Args:
        session: the snapshot to read.
        deliveries: their nodes.
    """
    letters = {row["dead_letter_id"]: row["delivery_id"] for row in _read_letters(session, deliveries)}
    if not letters:
        return {}
    ids = list(letters)
    rows = session.rows(Query.WORK_SETTLEMENTS, ids=ids, **session.stretch(ids).bounds)
    kinds = {row["dead_letter_id"]: row["node_kind"] for row in reversed(rows)}  # the first one counts
    return {delivery: kinds.get(letter) for letter, delivery in letters.items()}


def _read_letters(session: Session, deliveries: Sequence[UUID]) -> list[Row]:
    if not deliveries:
        return []
    return session.rows(Query.WORK_LETTERS, ids=deliveries, **session.stretch(deliveries).bounds)
