"""Where the records lie that an id leads to, whatever it is the id of.

When everything was stored that names an id is known, so that a look for it reads a block or two of each column; but as
a correlation's, a span's or as the half of a trace's, of which a column is read whole.
"""

from typing import Any, Final

from collector.questions.search_text import SearchText
from collector.store.database import Session
from collector.store.queries import Query

#: Traces, nodes or causes up to which it is worth to ask when all that names them was stored.
_MOST: Final = 10_000


def find_bounds(session: Session, wanted: SearchText) -> dict[str, int]:
    """Returns when all was stored that names an id of 128 bits.

    Args:
        session: the snapshot to read.
        wanted: an id.
    """
    return session.stretch(wanted.reading.uuids).bounds_of("named")


def keep_places(session: Session, wanted: SearchText) -> dict[str, Any]:
    """Finds where the records lie that an id leads to, and keeps that for the next statements.

    Args:
        session: the snapshot to read.
        wanted: an id.

    Returns:
        What queries bind that read `records_named`.
    """
    session.run(Query.SEARCH_KEEP_PLACES, **wanted.values, **find_bounds(session, wanted))
    return {**wanted.ids, **session.stretch_of(Query.SEARCH_PLACED_TRACES, _MOST).bounds_of("placed")}


def keep_places_around(session: Session, wanted: SearchText) -> dict[str, Any]:
    """Does the same, for lists of events: these are also looked for among what the nodes caused that the id leads to.

    Args:
        session: the snapshot to read.
        wanted: an id.

    Returns:
        What queries bind that read `records_named`, and what names its nodes.
    """
    return {**keep_places(session, wanted), **_find_bounds_around(session)}


def keep_causes(session: Session, wanted: SearchText) -> dict[str, Any]:
    """Does the same, for lists of runs: these are also looked for among what caused the events that the id leads to.

    Args:
        session: the snapshot to read.
        wanted: an id.

    Returns:
        What queries bind that read `records_named` and `found_causes`.
    """
    kept = keep_places(session, wanted)
    session.run(Query.SEARCH_KEEP_CAUSES, **_find_bounds_around(session))
    return {**kept, **session.stretch_of(Query.SEARCH_CAUSES, _MOST).bounds_of("causes")}


def _find_bounds_around(session: Session) -> dict[str, int]:
    """Returns when all was stored that names a node, or the event of one, among what was kept."""
    return session.stretch_of(Query.SEARCH_PLACED_NODES, _MOST).bounds_of("around")
