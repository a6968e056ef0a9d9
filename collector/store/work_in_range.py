"""The steps and deliveries that began in a time range, as they stand now: what was worked out ahead, and of what has
changed since, what all records say."""

from typing import Any

from collector.store import materialized
from collector.store.database import Session
from collector.store.queries import Query
from collector.store.sightings import EVERYTHING


def stage_work_in_range(session: Session, first_ns: int, end_ns: int) -> dict[str, Any]:
    """Finds what has changed in a time range, and works it out, for as long as the snapshot is open.

    Args:
        session: the snapshot to read.
        first_ns: the range's begin, in nanoseconds since 1970.
        end_ns: its end, exclusive.

    Returns:
        What queries bind that read `materialized_work`, until `unchanged_ns` as it is, and beside it, where anything
        `has_changed`, what is not among `changed_nodes`, and `work_anew`.
    """
    within = {"first_ns": first_ns, "end_ns": end_ns}
    known = materialized.read_state(session)
    stored = materialized.stage_changes(session, known.until_us)
    is_new = known.has_none_of(stored)
    session.run(Query.MATERIALIZED_KEEP_CHANGED, is_new=is_new, may_be_known=not is_new, **within)
    found = session.one(Query.MATERIALIZED_CHANGES, end_ns=end_ns)
    if found.pop("was_known"):
        stored = session.stretch_of(Query.MATERIALIZED_CHANGED_IDS, materialized.MOST_IDS)
    if found["has_changed"]:
        bounds = {**stored.bounds, "is_bounded": stored != EVERYTHING}
        session.run(Query.MATERIALIZED_KEEP_ANEW, **within, **bounds)
    return {**within, **found}
