"""Events with which a group, in its newest round, or a consumer of others stands so; or which nobody received."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from collector.models import DeliveryBrief, NodeStatus
from collector.questions import candidates, deliveries, list_batches, listed_events, unreceived_events
from collector.questions.candidates import CandidateIds
from collector.questions.newest_pages import OfIds
from collector.store.database import Row, Session
from collector.store.queries import Query
from runtime.semconv import NodeKind

#: The word for events that nobody received.
UNRECEIVED: Final = "unreceived"

#: How a delivery may have ended that stands so, as its records have it; the first is how it is worked out ahead.
_ENDS: Final[Mapping[str, tuple[str, ...]]] = {
    NodeStatus.FAILED: ("failed",),
    NodeStatus.RETRYING: ("retry", "lost", "cancelled"),
    NodeStatus.CANCELLED: ("cancelled",),
    NodeStatus.DUPLICATE: ("duplicate",),
    NodeStatus.EXPIRED: ("expired",),
    NodeStatus.RUNNING: ("spread",),
    NodeStatus.DEAD: ("dead_letter",),
}

#: What settled the dead letter of one that stands so.
_SETTLED_BY: Final[Mapping[str, str]] = {NodeStatus.REPLAYED: NodeKind.REPLAY, NodeStatus.DISCARDED: NodeKind.DISCARD}

#: How a delivery that ended in any other way stands is not known.
_KNOWN: Final = ("ok", "gathered", "waiting", "skipped", "moved", *dict.fromkeys(sum(_ENDS.values(), ())))

#: How consumers of others may stand, but well.
_OF_OTHERS: Final = (NodeStatus.FAILED, NodeStatus.RETRYING, NodeStatus.CANCELLED)

#: Events up to which it is looked for at once which may stand so: of more, among the newest first.
_AT_ONCE: Final = 1_000

#: Events of which it is worked out together how those fared who received them, at first.
_TOGETHER: Final = 100


def find_candidates(session: Session, standing: str) -> CandidateIds | None:
    """Returns the events that may be meant; None where these are many.

    Args:
        session: the snapshot to read.
        standing: in the words of `NodeStatus`, or `UNRECEIVED`.
    """
    if standing == NodeStatus.OK:
        return None
    if standing == UNRECEIVED:
        return unreceived_events.find_candidates(session)
    settled_by, ends = _SETTLED_BY.get(standing), _ENDS.get(standing, ())
    tried = candidates.find_candidates(
        session,
        Query.CLUES_DELIVERIES,
        known_us=session.one(Query.MATERIALIZED_STATE)["until_us"],
        outcome=ends[0] if ends else None,
        outcomes=list(ends),
        has_died=standing == NodeStatus.DEAD,
        settled_by=settled_by,
        is_open=standing == NodeStatus.RUNNING,
        known=None if ends or settled_by else list(_KNOWN),
    )
    of_groups = candidates.follow_candidates(session, tried, Query.CLUES_EVENTS_OF_DELIVERIES)
    if not _is_of_others(session, standing):
        return of_groups
    return candidates.unite_candidates(
        [of_groups, candidates.find_candidates(session, Query.CLUES_EVENTS_TAKEN, status=standing)]
    )


def list_events_of_standing(
    session: Session, read: OfIds, standing: str, ids: Sequence[UUID], page: Mapping[str, Any]
) -> list[Row]:
    """Returns the rows of a page, newest first.

    Args:
        session: the snapshot to read.
        read: reads rows of events.
        standing: as for `find_candidates`.
        ids: of events that may be meant.
        page: where it begins, its time range, and how many rows fill it, as `newest_pages` says that.
    """
    parts = [ids] if len(ids) <= _AT_ONCE else listed_events.split_newest_first(session, ids, page, _AT_ONCE)
    kept: list[Row] = []
    for part in parts:
        likely = _filter_likely(session, standing, part) if len(part) > _TOGETHER else part
        if part is ids and len(likely) > _TOGETHER:
            likely = next(listed_events.split_newest_first(session, likely, page, len(likely)), [])
        kept += _list_part(session, read, standing, likely, {**page, "most": page["most"] - len(kept)})
        if len(kept) == page["most"]:
            break
    return kept


def _list_part(session: Session, read: OfIds, standing: str, ids: Sequence[UUID], page: Mapping[str, Any]) -> list[Row]:
    """Returns the rows of a page of some events, newest first: how those fared is worked out until the page is full."""
    kept: list[Row] = []
    for part in list_batches.split_growing(ids, _TOGETHER):
        rows = read(part, {**page, "most": len(part)})
        fared = deliveries.find_delivery_briefs(session, [row["event_id"] for row in rows]) if rows else {}
        kept += [row for row in rows if _has_standing(fared.get(row["event_id"], []), standing)]
        if len(kept) >= page["most"]:
            break
    return kept[: page["most"]]


def _filter_likely(session: Session, standing: str, ids: Sequence[UUID]) -> Sequence[UUID]:
    """Returns those of many events with which a group may stand so, as any record of its deliveries says.

    How each group fares is worked out for these alone: to put the attempts of thousands together takes half a second.
    """
    ends, is_of_letters = _ENDS.get(standing, ()), standing == NodeStatus.DEAD or standing in _SETTLED_BY
    if standing == NodeStatus.RUNNING or not (ends or is_of_letters) or _is_of_others(session, standing):
        return ids
    tried = session.table(Query.EVENTS_TRIED, events=ids, outcomes=list(ends), **session.stretch(ids).bounds)
    likely = set(tried.filter(tried.column("ended_so")).column("event_id").to_pylist())
    if is_of_letters:
        session.register("tried", tried)
        died = session.table(Query.EVENTS_GIVEN_UP, **session.stretch_of_ids(tried).bounds)
        likely.update(died.column("event_id").to_pylist())
    return [event for event in ids if event.bytes in likely]


def _is_of_others(session: Session, standing: str) -> bool:
    """Whether a consumer of others may stand so, of which no delivery tells."""
    return standing in _OF_OTHERS and session.find_edge_sources()["messages"]


def _has_standing(fared: Sequence[DeliveryBrief], standing: str) -> bool:
    return not fared if standing == UNRECEIVED else any(brief.status == standing for brief in fared)
